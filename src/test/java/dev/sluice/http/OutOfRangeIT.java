package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values outside NATS's range are rejected with this service's own message and never reach NATS. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class OutOfRangeIT {
    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @BeforeEach
    void connect() {
        await().atMost(Duration.ofSeconds(60)).until(publisher::reachable);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=since:999999999d",
                "from=since:200000d",
                "from=time:%2B999999999-12-31T23:59:59Z",
                "from=time:9999-12-31T23:59:59-18:00",
                "from=time:0001-01-01T00:00:00Z"
            })
    void timesOfATail(String query) {
        ask("GET /v1/events?subject=orders.>&" + query, "", "")
                .isProblem(400, "invalid")
                .saying("2262-04-11");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"ack_wait\":\"999999999d\"}|292 years",
                "{\"ack_wait\":\"200000d\"}|292 years",
                "{\"deliver\":\"time:+999999999-12-31T23:59:59Z\"}|2262-04-11",
                "{\"deliver\":\"time:0001-01-01T00:00:00Z\"}|2262-04-11",
                "{\"max_deliver\":99999999999}|max_deliver"
            })
    void settingsOfAConsumer(String body, String told) {
        Answer answer =
                ask("PUT /v1/streams/ORDERS/consumers/out-of-range", "", body).isProblem(400, "invalid");

        assertThat(answer.body()).contains(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999999999d", "106751991168d", "PT9999999999999999H", "0s", "31s"})
    void timeoutsOfARequest(String timeout) {
        ask("POST /v1/request/a.b?timeout=" + timeout, "", "")
                .isProblem(400, "invalid")
                .saying("timeout");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nats-Expected-Last-Sequence: x",
                "Nats-Expected-Last-Sequence: -1",
                "Nats-Expected-Last-Sequence: 9223372036854775808",
                "Nats-Expected-Last-Subject-Sequence: 1.5",
                "Nats-Msg-Id: ",
                "Idempotency-Key: "
            })
    void expectationsOfAPublish(String header) {
        ask("POST /v1/publish/orders.out-of-range", header + "\r\n", "x").isProblem(400, "invalid");
    }

    private Answer ask(String line, String headers, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            return Answer.of(exchange);
        }
    }
}
