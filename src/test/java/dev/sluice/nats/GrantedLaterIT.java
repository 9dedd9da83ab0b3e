package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.LogRecords;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sluice's own subscriptions work after the server has granted the permission, without a restart. */
@Tag("slow")
class GrantedLaterIT {
    private static final ServiceDescription SERVICE = new ServiceDescription("later", "1.0.0", "Answers");
    private static final String DENYING = user("subscribe: { deny: [\"prices\", \"$SRV.>\", \"service.>\"] }");

    private NatsServer server;
    private NatsLinks links;
    private Connection client;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable last : opened) {
            last.close();
        }
    }

    @Test
    void servesAfterItWasDeniedAtTheStart() throws Exception {
        serve(DENYING);
        await().atMost(Timeouts.LIMIT).until(() -> links.events().count(ConnectionEvent.DENIED) >= 11);
        assertThat(seen).isEmpty();

        server.reload(user(""));

        awaitService();
    }

    @Test
    void servesAfterThePermissionWasRevoked() throws Exception {
        serve(user(""));
        awaitService();
        server.reload(DENYING);
        await().atMost(Timeouts.LIMIT).until(() -> links.events().count(ConnectionEvent.DENIED) >= 11);
        seen.clear();

        server.reload(user(""));

        awaitService();
    }

    @Test
    void warnsOncePerDenial() throws Exception {
        try (LogRecords log = LogRecords.of(CoreSubscriptions.class.getName())) {
            serve(DENYING);
            await().atMost(Timeouts.LIMIT).until(() -> warnings(log) == 1);
            server.reload(user(""));
            awaitService();

            server.reload(DENYING);

            await().atMost(Timeouts.LIMIT).until(() -> warnings(log) == 2);
        }
    }

    private static long warnings(LogRecords log) {
        return log.messages().stream()
                .filter(message -> message.startsWith("WARN No messages of"))
                .count();
    }

    private void serve(String configuration) throws Exception {
        server = NatsServer.started(configuration);
        opened.push(server);
        links = TestLinks.to(server, Map.of("user", "sluice", "password", "secret"));
        opened.push(links);
        client = Nats.connect(server.url().replace("nats://", "nats://other:secret@"));
        opened.push(client);
        Responders responders = new Responders(links, Settings.of(RespondConfig.class, Map.of()));
        opened.push(responders);
        responders.serve(SERVICE, new Subject("prices"), request -> Uni.createFrom()
                .item("answer".getBytes(StandardCharsets.UTF_8)));
        Cancellable watch = new CoreSubscriptions(links, TestSubscriptions.config(Map.of()))
                .subscribePermanently(
                        TestSubscriptions.set("service.*.events"), Optional.empty(), SubscriptionObserver.NONE)
                .subscribe()
                .with(message -> seen.add(message.subject()));
        opened.push(watch::cancel);
    }

    private void awaitService() {
        await().atMost(Timeouts.LIMIT).until(() -> client.request("prices", null, Duration.ofSeconds(1)) != null);
        await().atMost(Timeouts.LIMIT)
                .until(() -> client.request("$SRV.PING.later", null, Duration.ofSeconds(1)) != null);
        await().atMost(Timeouts.LIMIT).until(() -> {
            client.publish("service.orders.events", null);
            return !seen.isEmpty();
        });
    }

    private static String user(String permissions) {
        return "authorization { users: [ { user: other, password: secret }, { user: sluice, password: secret"
                + (permissions.isEmpty() ? "" : ", permissions: { " + permissions + " }") + " } ] }";
    }
}
