package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any publisher can send headers that end the jnats reader. They are delivered, and the connection stays up. */
class PoisonHeaderIT {

    @ParameterizedTest
    @ValueSource(strings = {"Name: caf\u00e9\r\n", "Bad Name: value\r\n", "Name: one\ntwo\r\n", "no header\r\n"})
    void deliversMessagesWithInvalidHeadersOnBothLinks(String headers) {
        try (NatsServer server = NatsServer.started();
                RawClient publisher = new RawClient(server);
                NatsLinks links = TestLinks.to(server)) {
            for (NatsLink link : List.of(links.publishing(), links.consuming())) {
                Queue<Message> seen = watch(link, publisher);

                publisher.publish("logs.poison", headers, "poison");
                publisher.publish("logs.after", "after");

                await().atMost(Timeouts.LIMIT).until(() -> seen.size() >= 2);
                Message poison = seen.remove();
                assertThat(poison.getSubject()).isEqualTo("logs.poison");
                assertThat(poison.getData()).asString().isEqualTo("poison");
                assertThat(HeaderBlock.headers(poison)).isEqualTo(HeaderBlock.parse(block(headers)));
                assertThat(HeaderBlock.foreign(poison)).hasValue(block(headers));
                assertThat(seen.remove().getSubject()).isEqualTo("logs.after");
            }
            assertThat(links.events().count(ConnectionEvent.READER_FAILED)).isZero();
            assertThat(links.events().count(ConnectionEvent.DISCONNECTED)).isZero();
        }
    }

    @Test
    void limitsReconnectsToAServerWhoseDataEndsTheReader() throws IOException {
        AtomicInteger connected = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread broken = new Thread(() -> greet(server, connected));
            broken.start();
            NatsLink link = TestLinks.link(Map.of("servers", "nats://127.0.0.1:" + server.getLocalPort()));

            await().atMost(Timeouts.LIMIT).until(() -> connected.get() >= 2);
            long before = System.nanoTime();
            int next = connected.get() + 2;
            await().atMost(Timeouts.LIMIT).until(() -> connected.get() >= next);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(NatsLink.BETWEEN_RENEWALS);
            assertThat(link.events().count(ConnectionEvent.READER_FAILED)).isPositive();
            link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
    }

    private static Queue<Message> watch(NatsLink link, RawClient publisher) {
        await().atMost(Timeouts.LIMIT).until(link::up);
        AtomicInteger probes = new AtomicInteger();
        Queue<Message> seen = new ConcurrentLinkedQueue<>();
        Dispatcher dispatcher = link.connection().createDispatcher();
        dispatcher.subscribe("logs.>", seen::add);
        dispatcher.subscribe("probe", probe -> probes.incrementAndGet());
        await().atMost(Timeouts.LIMIT).until(() -> {
            publisher.publish("probe", "");
            return probes.get() > 0;
        });
        return seen;
    }

    /** Speaks the protocol up to a message whose header size exceeds its total size. */
    private static void greet(ServerSocket server, AtomicInteger connected) {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                send(
                        client,
                        "INFO {\"server_id\":\"x\",\"version\":\"2.10.0\",\"headers\":true,\"max_payload\":1000}\r\n");
                read(client.getInputStream(), "PING\r\n");
                send(client, "PONG\r\n");
                connected.incrementAndGet();
                send(client, "HMSG a 1 9 5\r\nNATS/1.0\r\n\r\n");
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException gone) {
                // Accept the next client.
            }
        }
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void read(InputStream in, String end) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed");
            }
            read.append((char) next);
        }
    }

    private static byte[] block(String headers) {
        return ("NATS/1.0\r\n" + headers + "\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
