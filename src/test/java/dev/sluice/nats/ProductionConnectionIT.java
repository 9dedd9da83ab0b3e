package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The production connection: at least TLS 1.2, ten reconnects two seconds apart, and a notification of each change. */
class ProductionConnectionIT {
    private static final String PREFIX = "sluice.nats.";

    @Test
    void theBoundedProfileAllowsTenReconnectsTwoSecondsApart() throws IOException {
        NatsConfig config = TestLinks.config(bounded());

        LinkOptions options = LinkOptions.of(config, List.of("nats://127.0.0.1:4222"));

        assertThat(options.permitsAnother(9)).isTrue();
        assertThat(options.permitsAnother(10)).isFalse();
        assertThat(options.pauseBefore(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void reconnectsWithoutLimitWithoutTheBoundedProfile() {
        LinkOptions options = LinkOptions.of(TestLinks.config(Map.of()), List.of("nats://127.0.0.1:4222"));

        assertThat(options.permitsAnother(Integer.MAX_VALUE)).isTrue();
    }

    @Test
    void needsTls12OrNewer() {
        assertThat(TestLinks.config(Map.of()).tls().minVersion()).isEqualTo("TLSv1.2");
    }

    @Test
    void reportsEachDisconnectReconnectAndClose() {
        NatsServer server = NatsServer.started();
        NatsLink link = TestLinks.linkTo(server);
        List<String> told = new CopyOnWriteArrayList<>();
        link.listen(new LinkListener() {
            @Override
            public void up(io.nats.client.Connection connection) {
                told.add("up");
            }

            @Override
            public void down() {
                told.add("down");
            }
        });
        await().atMost(Timeouts.LIMIT).until(() -> told.contains("up"));

        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.DISCONNECTED) == 1);
        server.start();
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.RECONNECTED) == 1);
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();

        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.CLOSED) == 1);
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(told).endsWith("up", "down", "up", "down"));
        server.close();
    }

    private static Map<String, String> bounded() throws IOException {
        Properties shipped = new Properties();
        try (InputStream file = NatsConfig.class.getResourceAsStream("/application-bounded.properties")) {
            shipped.load(file);
        }
        Map<String, String> keys = new HashMap<>();
        shipped.forEach((key, value) -> keys.put(key.toString().substring(PREFIX.length()), value.toString()));
        return keys;
    }
}
