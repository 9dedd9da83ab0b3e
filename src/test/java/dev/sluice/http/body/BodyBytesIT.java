package dev.sluice.http.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Answer;
import dev.sluice.http.BulkExchangeClient;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies that clients withhold, in an instance that has room for three of them. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(BodyBytesIT.ThreeBodies.class)
class BodyBytesIT {
    private static final int SIZE = 100_000;

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    BodyBytes bytes;

    private final List<HttpExchange> open = new ArrayList<>();

    @AfterEach
    void disconnect() {
        open.forEach(HttpExchange::close);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(bytes.held()).isZero());
    }

    @Test
    void rejectsABodyBeyondTheLimitUntilClientsDisconnect() {
        for (int i = 0; i < 3; i++) {
            begin(announced());
        }
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == 3 * (SIZE - 1));

        assertRejected(begin(announced()));
        assertThat(publish("x")).isEqualTo(202);

        open.remove(0).close();
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == 2 * (SIZE - 1));
        assertThat(publish("x".repeat(SIZE))).isEqualTo(202);
    }

    @Test
    void takesNothingForABodyThatIsOnlyAnnounced() {
        for (int i = 0; i < 10; i++) {
            begin("Content-Length: " + SIZE + "\r\n\r\nx");
        }

        assertThat(publish("x".repeat(SIZE))).isEqualTo(202);
    }

    @Test
    void countsTheLinesThatWaitAfterTheEndOfTheBody() {
        server.freeze();
        try (BulkExchangeClient bulk = new BulkExchangeClient(root.getPort(), "")) {
            String line = "{\"subject\":\"body.bytes\",\"data\":\"" + "x".repeat(20_000) + "\"}\n";
            bulk.send(line.repeat(10)).end();
            await().atMost(Timeouts.LIMIT).until(() -> bytes.held() > 5 * 20_000);
        } finally {
            server.thaw();
        }
    }

    @Test
    void countsABodyOfUnknownLengthAsItArrives() {
        for (int i = 0; i < 3; i++) {
            begin("Transfer-Encoding: chunked\r\n\r\n").send(chunk());
        }
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == 3 * SIZE);

        assertRejected(begin("Transfer-Encoding: chunked\r\n\r\n").send(chunk()));
    }

    @Test
    void countsTheBegunLineOfABulkPublish() {
        HttpExchange bulk = new HttpExchange(root.getPort());
        open.add(bulk);
        bulk.send("POST /v1/publish?ack=none HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n");

        bulk.send(chunk());
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == SIZE);
        bulk.send("1\r\n\n\r\n");

        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == 0);
    }

    private static void assertRejected(HttpExchange exchange) {
        Answer refused = Answer.of(exchange).isProblem(429, "overloaded").saying("sluice.http.body-bytes");
        assertThat(refused.retryAfter()).isEqualTo("2");
    }

    private static String announced() {
        return "Content-Length: " + SIZE + "\r\n\r\n" + "x".repeat(SIZE - 1);
    }

    private static String chunk() {
        return Integer.toHexString(SIZE) + "\r\n" + "x".repeat(SIZE) + "\r\n";
    }

    private HttpExchange begin(String rest) {
        HttpExchange exchange = new HttpExchange(root.getPort());
        open.add(exchange);
        return exchange.send("POST /v1/publish/body.bytes?ack=none HTTP/1.1\r\nHost: x\r\n" + rest);
    }

    private int publish(String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return exchange.send("POST /v1/publish/body.bytes?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body)
                    .head()
                    .status();
        }
    }

    /** Room for three bodies. */
    public static final class ThreeBodies implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("sluice.http.body-bytes", "320000", "sluice.publish.stream-window", "1");
        }
    }
}
