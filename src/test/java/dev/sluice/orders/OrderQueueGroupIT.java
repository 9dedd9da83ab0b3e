package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubscribeConfig;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrderQueueGroupIT {
    private static final int ORDERS = 10_000;

    @Test
    void threeMembersShareAllOrdersEachOnce() {
        try (NatsServer server = NatsServer.started();
                RawClient raw = new RawClient(server);
                Member one = new Member(server);
                Member two = new Member(server);
                Member three = new Member(server)) {
            List<Member> members = new ArrayList<>(List.of(one, two, three));
            await().atMost(Timeouts.LIMIT).until(() -> members.stream().allMatch(Member::joined));

            for (int i = 0; i < ORDERS; i++) {
                raw.publish("orders.created", "{\"order_id\":\"A-" + i + "\",\"amount\":1}");
            }
            raw.flush();

            await().atMost(Timeouts.LIMIT).until(() -> sum(members) >= ORDERS);
            await().during(Duration.ofMillis(200)).until(() -> sum(members) == ORDERS);
            assertThat(members).allMatch(member -> member.notifications.noticed() > 0);
        }
    }

    private static long sum(List<Member> members) {
        return members.stream()
                .mapToLong(member -> member.notifications.noticed())
                .sum();
    }

    private static final class Member implements AutoCloseable, SubscriptionObserver {
        private final NatsLinks links;
        private final OrderNotifications notifications;
        private final Cancellable membership;
        private volatile boolean joined;

        Member(NatsServer server) {
            links = TestLinks.to(server);
            notifications =
                    new OrderNotifications(new CoreSubscriptions(links, Settings.of(SubscribeConfig.class, Map.of())));
            membership = notifications.join(this);
        }

        boolean joined() {
            return joined;
        }

        @Override
        public void active() {
            joined = true;
        }

        @Override
        public void interrupted() {
            joined = false;
        }

        @Override
        public void close() {
            membership.cancel();
            links.close();
        }
    }
}
