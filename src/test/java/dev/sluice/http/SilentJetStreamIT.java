package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SilentServerResource;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** While JetStream does not respond, as during a leader election, the client receives 503 with Retry-After. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SilentServerResource.class, restrictToAnnotatedClass = true)
@Tag("slow")
class SilentJetStreamIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @BeforeEach
    void freeze() {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        await().atMost(Timeouts.LIMIT)
                .until(() -> given().get("/v1/dead-letters").statusCode() == 200
                        && given().get("/v1/orders/none").statusCode() == 404);
        server.freeze();
    }

    @AfterEach
    void thaw() {
        server.thaw();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT /v1/buckets/ORDER_STATUS/keys/mine | 1",
                "POST /v1/orders | {\"order_id\":\"A-17\",\"amount\":4999}"
            })
    void aWriteTellsThatNothingWasStored(String request, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.within(Timeouts.LIMIT)
                    .send(request + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body);

            Answer.of(exchange).isProblem(503, "unavailable").saying("nothing was stored");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/streams",
                "GET /v1/streams/ORDERS",
                "GET /v1/streams/ORDERS/messages/1",
                "GET /v1/streams/ORDERS/consumers",
                "GET /v1/streams/ORDERS/consumers/order-processor",
                "PUT /v1/streams/ORDERS/consumers/mine",
                "DELETE /v1/streams/ORDERS/consumers/mine",
                "POST /v1/streams/ORDERS/consumers/order-processor/fetch",
                "GET /v1/orders/A-17",
                "GET /v1/orders/A-17/events",
                "GET /v1/dead-letters",
                "GET /v1/dead-letters/1",
                "DELETE /v1/dead-letters/1",
                "POST /v1/dead-letters/1/redrive"
            })
    void isUnavailableForNow(String request) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.within(Timeouts.LIMIT)
                    .send(request + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 2\r\n\r\n{}");

            Answer answer = Answer.of(exchange).isProblem(503, "unavailable");
            assertThat(answer.retryAfter()).isEqualTo("2");
        }
    }
}
