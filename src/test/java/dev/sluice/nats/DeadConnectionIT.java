package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Certificates;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TcpProxy.Direction;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead connections that neither side has closed, with the default timeouts of the service. */
@Tag("slow")
class DeadConnectionIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration NOTICED = Duration.ofSeconds(5);
    private static final Duration SERVING_AGAIN = Duration.ofSeconds(2);
    /** For tests that do not check the default timeouts. */
    private static final Map<String, String> QUICK = Map.of("ping-interval", "400ms");

    private NatsServer server = NatsServer.started();
    private TcpProxy way;
    private NatsLink link;

    @BeforeEach
    void lay() {
        way = TcpProxy.to(server.port());
    }

    @AfterEach
    void close() {
        if (link != null) {
            link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
        way.close();
        server.close();
    }

    @Test
    void reconnectsAfterABlackHole() {
        connect(Map.of());

        way.blackHole();
        await().atMost(NOTICED).until(() -> !link.up());
        await().atMost(SOON).until(() -> link.events().count(ConnectionEvent.ATTEMPT_FAILED) > 1);
        way.restore();

        await().atMost(SERVING_AGAIN).until(link::up);
        assertThat(link.events().count(ConnectionEvent.PEER_GONE)).isEqualTo(1);
        assertThat(link.events().count(ConnectionEvent.DISCONNECTED)).isEqualTo(1);
    }

    @Test
    void detectsALinkThatCarriesOneDirectionOnly() {
        connect(QUICK);

        way.halfOpen(Direction.TO_CLIENT);

        await().atMost(NOTICED).until(() -> !link.up());
    }

    @Test
    void detectsALinkThatCarriesOnlyMessagesFromTheServer() throws IOException, InterruptedException {
        connect(QUICK);
        link.connection().createDispatcher(message -> {}).subscribe("talk");

        try (Connection talker = Nats.connect(server.url())) {
            way.halfOpen(Direction.TO_SERVER);
            await().pollInterval(Duration.ofMillis(20)).atMost(NOTICED).until(() -> {
                talker.publish("talk", null);
                return !link.up();
            });
        }

        assertThat(link.events().count(ConnectionEvent.PEER_GONE)).isEqualTo(1);
    }

    @Test
    void reconnectsToAServerThatWasFrozen() {
        connect(Map.of());

        server.freeze();
        await().atMost(NOTICED).until(() -> !link.up());
        await().atMost(SOON).until(() -> link.events().count(ConnectionEvent.ATTEMPT_FAILED) > 1);
        server.thaw();

        await().atMost(SERVING_AGAIN).until(link::up);
    }

    @Test
    void connectsToAnotherServerIfOneIsFrozen() {
        try (NatsServer other = NatsServer.started()) {
            link = link(Map.of("servers", server.url() + "," + other.url()));
            await().atMost(SOON).until(link::up);
            NatsServer first = link.connection().getServerInfo().getPort() == server.port() ? server : other;

            first.freeze();
            await().atMost(NOTICED).until(() -> link.events().count(ConnectionEvent.RECONNECTED) == 1);

            assertThat(link.connection().getServerInfo().getPort()).isNotEqualTo(first.port());
            first.thaw();
        }
    }

    @Test
    void detectsABlockedWrite() {
        connect(QUICK);
        Connection connection = link.connection();

        way.blackHole();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> fill(connection));
        await().atMost(NOTICED).until(() -> !link.up());
        writing.join();
        way.restore();

        await().atMost(SERVING_AGAIN).until(link::up);
    }

    @Test
    void closesATlsConnectionWithoutACloseNotify(@TempDir Path folder) {
        Certificates certificates = new Certificates(folder);
        certificates.make("good", "dns:localhost");
        secure("""
                tls { cert_file: "%s", key_file: "%s" }
                """.formatted(certificates.certificate("good"), certificates.key("good")));
        connect(Map.of(
                "servers",
                "tls://localhost:" + way.port(),
                "ping-interval",
                "400ms",
                "tls.truststore-file",
                certificates.trusting("good").toString(),
                "tls.truststore-password",
                Certificates.PASSWORD));
        Connection connection = link.connection();

        way.blackHole();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> fill(connection));
        await().atMost(NOTICED).until(() -> !link.up());
        writing.join();
        way.restore();

        await().atMost(SERVING_AGAIN).until(link::up);
    }

    @Test
    void detectsADeadWebSocket() {
        int port = FreePorts.next();
        secure("websocket { listen: \"127.0.0.1:%d\", no_tls: true }".formatted(port));
        way.close();
        way = TcpProxy.to(port);
        connect(Map.of("servers", "ws://127.0.0.1:" + way.port(), "ping-interval", "400ms"));

        way.blackHole();
        await().atMost(NOTICED).until(() -> !link.up());
        await().atMost(SOON).until(() -> link.events().count(ConnectionEvent.ATTEMPT_FAILED) > 0);
        way.restore();

        await().atMost(SOON).until(link::up);
    }

    @Test
    void keepsAConnectionWithHighLatency() {
        way.delay(Duration.ofMillis(300));
        connect(Map.of("ping-interval", "800ms"));

        CountDownLatch echoes = new CountDownLatch(6);
        Connection connection = link.connection();
        connection
                .createDispatcher(message -> {
                    echoes.countDown();
                    connection.publish("echo", null);
                })
                .subscribe("echo");
        connection.publish("echo", null);

        await().atMost(SOON).until(() -> echoes.getCount() == 0);
        assertThat(link.events().count(ConnectionEvent.DISCONNECTED)).isZero();
        assertThat(link.events().count(ConnectionEvent.ATTEMPT_FAILED)).isZero();
    }

    @Test
    void keepsAnIdleConnectionThatAnswersPings() {
        connect(Map.of("ping-interval", "400ms"));
        CountDownLatch checks = new CountDownLatch(2 * DeadPeerDetector.CHECKS);

        link.threads().repeat(Duration.ofMillis(100), () -> {
            checks.countDown();
            return checks.getCount() > 0;
        });

        await().atMost(SOON).until(() -> checks.getCount() == 0);
        assertThat(link.events().count(ConnectionEvent.DISCONNECTED)).isZero();
    }

    private void secure(String configuration) {
        server.close();
        way.close();
        server = NatsServer.started(configuration);
        way = TcpProxy.to(server.port());
    }

    private void connect(Map<String, String> keys) {
        Map<String, String> all = new HashMap<>(Map.of("servers", "nats://127.0.0.1:" + way.port()));
        all.putAll(keys);
        link = link(all);
        await().atMost(SOON).until(link::up);
    }

    /** Creates a link with the default reconnect delays of the service. */
    private static NatsLink link(Map<String, String> keys) {
        Map<String, String> all =
                new HashMap<>(Map.of("reconnect-wait", "250ms", "reconnect-jitter", "250ms", "connect-timeout", "2s"));
        all.putAll(keys);
        return TestLinks.link(all);
    }

    /** Publishes more than all buffers on the path hold. Stops when the connection accepts no more. */
    private static void fill(Connection connection) {
        byte[] data = new byte[512 << 10];
        int left = 64;
        while (left > 0 && accepts(connection, data)) {
            left--;
        }
    }

    private static boolean accepts(Connection connection, byte[] data) {
        try {
            connection.publish("fill", data);
            return true;
        } catch (IllegalStateException full) {
            return false;
        }
    }
}
