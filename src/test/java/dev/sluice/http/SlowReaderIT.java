package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.RawClient;
import dev.sluice.support.ShortIdleTimeoutResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A client that reads a byte now and then of a response that does not fit into a socket's buffers. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = ShortIdleTimeoutResource.class, restrictToAnnotatedClass = true)
class SlowReaderIT {
    private static final int MESSAGE = 1_000_000;
    /** More than the kernel buffers for a socket on loopback. */
    private static final int MESSAGES = 12;

    private static final Duration PACE = Duration.ofMillis(250);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    MeterRegistry meters;

    private TestStreams streams;

    @BeforeEach
    void store() {
        streams = new TestStreams(server);
        streams.create("SLOW", "slow.>");
        streams.store("slow.a", "x".repeat(MESSAGE));
        Awaitility.await().atMost(Timeouts.LIMIT).until(() -> connections() == 0);
    }

    @AfterEach
    void delete() {
        streams.delete("SLOW");
        streams.close();
    }

    @Test
    void isDisconnectedAfterTheIdleTimeoutAndDelaysNoOtherReader() throws Exception {
        try (Socket slow = socket()) {
            slow.getOutputStream()
                    .write(get("/v1/streams/SLOW/messages/1").repeat(MESSAGES).getBytes(StandardCharsets.UTF_8));

            Awaitility.await().atMost(Timeouts.LIMIT).pollInterval(PACE).until(() -> {
                takeAByte(slow);
                assertThat(readWhole()).isEqualTo(MESSAGE);
                return connections() == 0;
            });
            assertThat(whatIsLeft(slow)).isLessThan(MESSAGES * MESSAGE / 2);
        }
    }

    @Test
    void isDisconnectedFromATailWhoseOtherReadersMissNothing() throws Exception {
        try (Socket slow = socket();
                RawClient publisher = new RawClient(server);
                SseClient quick = SseClient.connected(root.getPort(), "?subject=live&format=raw")) {
            slow.getOutputStream()
                    .write(get("/v1/events?subject=live&format=raw").getBytes(StandardCharsets.UTF_8));
            Awaitility.await().atMost(Timeouts.LIMIT).until(() -> connections() == 2);

            Awaitility.await().atMost(Timeouts.LIMIT).pollInterval(PACE).until(() -> {
                takeAByte(slow);
                publisher.publish("live", "x".repeat(MESSAGE));
                assertThat(quick.await("message").data()).hasSize(MESSAGE);
                return connections() == 1;
            });
        }
    }

    /** A line is one write, which the socket cannot accept within the idle timeout. */
    @Test
    @Tag("slow")
    void isServedToTheEndAsLongAsItTakesSome() throws Exception {
        streams.store("slow.b", "\u0001".repeat(MESSAGE));
        streams.store("slow.b", "\u0001".repeat(MESSAGE));
        String consumer = "/v1/streams/SLOW/consumers/slow";
        given().contentType("application/json")
                .body("{\"filter_subjects\":[\"slow.b\"]}")
                .put(consumer)
                .then()
                .statusCode(201);
        long escaped = 2 * 6L * MESSAGE;
        try (Socket slow = socket()) {
            slow.getOutputStream()
                    .write(("POST " + consumer
                                    + "/fetch HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n{\"batch\":2,\"max_bytes\":4000000}")
                            .getBytes(StandardCharsets.UTF_8));

            AtomicLong taken = new AtomicLong();
            Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(PACE).until(() -> {
                taken.addAndGet(take(slow, 300_000));
                return taken.get() >= escaped;
            });
        }
    }

    private int connections() {
        return (int) meters.get("http.server.active.connections").gauge().value();
    }

    private int readWhole() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(get("/v1/streams/SLOW/messages/1")).head();
            return exchange.body().length();
        }
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout((int) Timeouts.LIMIT.toMillis());
        socket.connect(new InetSocketAddress("127.0.0.1", root.getPort()));
        return socket;
    }

    private static void takeAByte(Socket socket) throws IOException {
        assertThat(socket.getInputStream().read()).isNotNegative();
    }

    private static int take(Socket socket, int most) throws IOException {
        int taken = socket.getInputStream().readNBytes(most).length;
        assertThat(taken).as("the connection is open").isPositive();
        return taken;
    }

    /** Returns the number of remaining bytes until the connection ends; 0 after a reset. */
    private static long whatIsLeft(Socket socket) {
        try {
            return socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException reset) {
            return 0;
        }
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
}
