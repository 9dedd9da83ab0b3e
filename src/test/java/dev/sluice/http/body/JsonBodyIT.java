package dev.sluice.http.body;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Answer;
import dev.sluice.http.Contract;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies with one JSON document, and the limits that all resources share. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class JsonBodyIT {
    private static final long PACE_MILLIS = 50;

    @TestHTTPResource("/")
    URI root;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/orders",
                "PUT /v1/prices/tea",
                "PUT /v1/streams/ORDERS/consumers/slow",
                "POST /v1/streams/ORDERS/consumers/order-processor/ack"
            })
    void hasADeadlineThatSlowBytesDoNotExtend(String request) {
        ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(request + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 100000\r\n\r\n{");
            pace.scheduleAtFixedRate(() -> exchange.send(" "), 0, PACE_MILLIS, TimeUnit.MILLISECONDS);

            Answer.of(exchange).isProblem(408, "request-timeout");
            assertThat(exchange.header("Connection")).isEqualToIgnoringCase("close");
        } finally {
            pace.shutdownNow();
        }
    }

    /** Every operation of the contract whose body is a JSON document. */
    private static Stream<String> jsonBodies() {
        Contract contract = Contract.ofSources();
        return contract.operations().entrySet().stream()
                .filter(operation ->
                        operation.getValue().path("requestBody").path("content").has("application/json"))
                .map(operation -> contract.example(operation.getKey()));
    }

    @ParameterizedTest
    @MethodSource("jsonBodies")
    void reportsTheLocationOfASyntaxError(String request) {
        ask(request, "{\n  x".getBytes(StandardCharsets.UTF_8))
                .isProblem(400, "invalid")
                .saying("line 2, column 3");
        ask(request, "{".getBytes(StandardCharsets.UTF_8))
                .isProblem(400, "invalid")
                .saying("line 1");
        ask(request, new byte[] {0, 0, 0, '{', -1}).isProblem(400, "invalid").saying("UTF-8");
        ask(request, new byte[] {'{', '"', -1, '"'}).isProblem(400, "invalid").saying("line 1");
    }

    @Test
    void namesTheFieldWhoseNumberIsOutOfRange() {
        Answer answer = ask(
                "POST /v1/orders",
                "{\"order_id\":\"A\",\n\"amount\":99999999999999999999}".getBytes(StandardCharsets.UTF_8));

        answer.isProblem(400, "invalid").saying("line 2");
        assertThat(answer.json().at("/violations/0/field").textValue()).isEqualTo("amount");
    }

    private Answer ask(String request, byte[] body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(request + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                            + body.length + "\r\n\r\n")
                    .send(body);
            return Answer.of(exchange);
        }
    }
}
