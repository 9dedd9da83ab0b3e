package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.TestSubscriptions.Watched;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Core NATS delivers at most once: without a subscriber a message is lost, and nothing is delivered twice. */
class AtMostOnceIT {

    private NatsServer server;
    private TestSubscriptions nats;
    private RawClient publisher;

    @BeforeEach
    void start() {
        server = NatsServer.started();
        nats = new TestSubscriptions(server, Map.of());
        publisher = new RawClient(server);
    }

    @AfterEach
    void stop() {
        publisher.close();
        nats.close();
        server.close();
    }

    @Test
    void losesAMessagePublishedBeforeTheSubscription() {
        publisher.publish("orders.created", "early");
        publisher.flush();

        Watched orders = nats.watch("orders.>");
        publisher.publish("orders.created", "late");

        orders.awaitMarker(publisher, "orders.marker", Timeouts.LIMIT);
        assertThat(texts(orders)).containsOnlyOnce("late").doesNotContain("early");
    }

    @Test
    void losesAMessagePublishedWhileTheSubscriberIsDisconnected() {
        Watched first = nats.watch("orders.>");
        publisher.publish("orders.created", "one");
        first.awaitMarker(publisher, "orders.marker", Timeouts.LIMIT);
        first.subscriber().cancel();
        Watched other = nats.watch("orders.marker");
        other.awaitMarker(publisher, "orders.marker", Timeouts.LIMIT);

        publisher.publish("orders.created", "two");
        publisher.flush();
        Watched second = nats.watch("orders.>");
        publisher.publish("orders.created", "three");

        second.awaitMarker(publisher, "orders.marker", Timeouts.LIMIT);
        assertThat(texts(first)).containsOnlyOnce("one").doesNotContain("two");
        assertThat(texts(second)).containsOnlyOnce("three").doesNotContain("one", "two");
    }

    private static List<String> texts(Watched watched) {
        return watched.subscriber().getItems().stream()
                .map(message -> new String(message.data(), StandardCharsets.UTF_8))
                .toList();
    }
}
