package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;

import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ConsumerConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A worker over HTTP dies at each point between its fetch and its ack. The next worker receives what was not acked, and
 * no delivery is used up before a worker has asked for it.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class WorkerDeathIT {
    private static final int MESSAGES = 3;
    private static final List<String> ALL = List.of("0", "1", "2");
    private static final String FETCH = "{\"batch\":3,\"expires\":\"1s\"}";

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private TestWork work;

    @BeforeEach
    void fill() {
        work = new TestWork(server);
        work.declare(ConsumerConfiguration.builder()
                .durable(work.consumer)
                .ackWait(Duration.ofSeconds(1))
                .build());
        IntStream.range(0, MESSAGES).forEach(i -> work.publish(String.valueOf(i)));
    }

    @AfterEach
    void delete() {
        work.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.5, 0.9, 0.99})
    void whileItSendsItsFetch(double part) {
        sendPart(request("/fetch", FETCH), part);

        assertThat(nextWorker()).containsOnlyKeys(ALL).values().containsOnly(1);
    }

    @Test
    void beforeItReadsTheAnswer() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(request("/fetch", FETCH));
            await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumAckPending() == MESSAGES);
        }

        assertThat(nextWorker()).containsOnlyKeys(ALL).values().containsOnly(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 500})
    void whileItReadsTheAnswer(int bytes) throws IOException {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(request("/fetch", FETCH)).head();
            for (int i = 0; i < bytes; i++) {
                exchange.read();
            }
        }

        assertThat(nextWorker()).containsOnlyKeys(ALL).values().containsOnly(2);
    }

    @Test
    void byAResetWhileItReadsTheAnswer() {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort(), 10, false)) {
            exchange.request("POST", work.path() + "/fetch", false, "content-type", "application/json")
                    .data(FETCH, true)
                    .read(10)
                    .reset(Http2Exchange.CANCEL)
                    .fence();
        }

        assertThat(nextWorker()).containsOnlyKeys(ALL).values().containsOnly(2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.5, 0.9, 0.99})
    void whileItSendsItsAck(double part) {
        sendPart(request("/ack", acks()), part);

        assertThat(nextWorker()).containsOnlyKeys(ALL).values().containsOnly(2);
    }

    /** The ack may have been taken or not. Nothing is lost and nothing is delivered after it was acked. */
    @ParameterizedTest
    @ValueSource(strings = {"/ack", "/ack?confirm=true"})
    void beforeItReadsTheConfirmationOfItsAck(String path) {
        sendPart(request(path, acks()), 1);

        await().atMost(Timeouts.LIMIT).until(() -> {
            work.fetch("{\"batch\":3,\"expires\":\"100ms\"}")
                    .jsonPath()
                    .getList("messages.ack_token", String.class)
                    .forEach(token -> work.ack("?confirm=true", "{\"acks\":[\"" + token + "\"]}"));
            return work.info().getAckFloor().getConsumerSequence() >= MESSAGES;
        });
        assertThat(work.info().getDelivered().getConsumerSequence()).isIn(3L, 4L, 5L, 6L);
        assertThat(work.info().getNumAckPending()).isZero();
    }

    @Test
    void afterItReadsTheConfirmationOfItsAck() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(request("/ack?confirm=true", acks())).head();
            assertThat(exchange.status()).isEqualTo(200);
        }

        work.fetch("{\"batch\":3,\"expires\":\"2s\"}").then().body("messages", empty());
        assertThat(work.info().getAckFloor().getStreamSequence()).isEqualTo(MESSAGES);
    }

    /** Fetches until all messages have come, acks them, and returns the number of deliveries of each. */
    private Map<String, Integer> nextWorker() {
        Map<String, Integer> deliveries = new TreeMap<>();
        await().atMost(Timeouts.LIMIT).until(() -> {
            List<Map<String, Object>> messages =
                    work.fetch("{\"batch\":3,\"expires\":\"2s\"}").jsonPath().getList("messages");
            for (Map<String, Object> message : messages) {
                deliveries.put((String) message.get("data"), (Integer) message.get("delivered"));
                work.ack("?confirm=true", "{\"acks\":[\"" + message.get("ack_token") + "\"]}");
            }
            return deliveries.size() == MESSAGES;
        });
        return deliveries;
    }

    /** Fetches all messages and returns the body of the request that acks them. */
    private String acks() {
        List<String> tokens = work.fetch(FETCH).jsonPath().getList("messages.ack_token");
        assertThat(tokens).hasSize(MESSAGES);
        return tokens.stream().map(token -> '"' + token + '"').collect(Collectors.joining(",", "{\"acks\":[", "]}"));
    }

    private void sendPart(String request, double part) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(request.substring(0, (int) Math.ceil(request.length() * part)));
        }
    }

    private String request(String path, String body) {
        return "POST " + work.path() + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
