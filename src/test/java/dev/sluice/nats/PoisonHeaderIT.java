package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import io.nats.client.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Anybody may publish a header that kills the reader of jnats; subscriptions go on all the same. */
class PoisonHeaderIT {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    private final NatsServer server = NatsServer.started();
    private final RawClient publisher = new RawClient(server);
    private final NatsLinks links = TestLinks.to(server);
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        links.close();
        publisher.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Name: caf\u00e9\r\n", "Bad Name: value\r\n", "Name: one\ntwo\r\n"})
    void subscriptionsOfBothLinksGoOnWithinASecond(String header) {
        subscribeBoth();

        publisher.publish("logs.poison", header, "poison");

        await().atMost(ONE_SECOND).pollInterval(Duration.ofMillis(20)).until(() -> {
            publisher.publish("logs.after", "after");
            return seen.containsAll(Set.of("publish logs.after", "consume logs.after"));
        });
        assertThat(links.events().count(ConnectionEvent.POISON_HEADER)).isEqualTo(2);
    }

    @Test
    void aStreamOfPoisonDoesNotBecomeAStreamOfReconnects() {
        subscribeBoth();

        await().pollInterval(Duration.ofMillis(1)).atMost(ONE_SECOND).until(() -> {
            publisher.publish("logs.poison", "Name: caf\u00e9\r\n", "poison");
            return links.events().count(ConnectionEvent.POISON_HEADER) >= 4;
        });

        assertThat(links.events().count(ConnectionEvent.RECONNECTED)).isLessThan(12);
    }

    private void subscribeBoth() {
        for (NatsLink link : List.of(links.publishing(), links.consuming())) {
            await().atMost(SOON).until(link::up);
            Connection connection = link.connection();
            connection
                    .createDispatcher(message -> seen.add(link.name() + " " + message.getSubject()))
                    .subscribe("logs.>");
        }
        await().atMost(SOON).until(() -> {
            publisher.publish("logs.before", "before");
            return seen.containsAll(Set.of("publish logs.before", "consume logs.before"));
        });
    }
}
