package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.TestSubscriptions.Watched;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Core subscriptions with wildcards: {@code *} matches exactly one token, {@code >} matches one or more. */
@TestInstance(Lifecycle.PER_CLASS)
class CoreSubscribeIT {

    private final NatsServer server = NatsServer.started();
    private final TestSubscriptions nats = new TestSubscriptions(server, Map.of());
    private final RawClient publisher = new RawClient(server);

    @AfterAll
    void close() {
        publisher.close();
        nats.close();
        server.close();
    }

    @Test
    void aStarMatchesExactlyOneToken() {
        Watched events = nats.watch("service.*.events");

        publish(
                "service.orders.events",
                "service.events",
                "service.orders.internal.events",
                "service.orders.events.audit",
                "service.billing.events");

        events.awaitMarker(publisher, "service.marker.events", Timeouts.LIMIT);
        assertThat(withoutMarkers(events)).containsExactly("service.orders.events", "service.billing.events");
    }

    @Test
    void aGreaterThanSignMatchesOneOrMoreTokens() {
        Watched logs = nats.watch("logs.>");

        publish("logs", "logs.web", "logs.web.error", "logs.web.error.disk", "log.web", "audit.logs.web");

        logs.awaitMarker(publisher, "logs.marker", Timeouts.LIMIT);
        assertThat(withoutMarkers(logs)).containsExactly("logs.web", "logs.web.error", "logs.web.error.disk");
    }

    private void publish(String... subjects) {
        for (String subject : subjects) {
            publisher.publish(subject, "");
        }
    }

    private static List<String> withoutMarkers(Watched watched) {
        return watched.subjects().stream()
                .filter(subject -> !subject.contains("marker"))
                .toList();
    }
}
