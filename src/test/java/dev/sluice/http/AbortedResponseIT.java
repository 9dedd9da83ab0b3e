package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.ShortWriteTimeoutResource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An incomplete response never looks complete. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = ShortWriteTimeoutResource.class, restrictToAnnotatedClass = true)
@Tag("slow")
class AbortedResponseIT {
    private static final String LINES = "{\"subject\":\"core.x\",\"data\":\"x\"}\n".repeat(2_000);

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @Inject
    MeterRegistry meters;

    @BeforeEach
    void connect() {
        await().atMost(Duration.ofSeconds(60)).until(publisher::reachable);
    }

    @Test
    void resetsABulkPublisherThatReadsNoReceiptsWithAnErrorCode() {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort(), 100, false)) {
            exchange.request("POST", "/v1/publish?ack=none", false, "content-type", "application/x-ndjson")
                    .data(LINES.substring(0, 31 * 1_000), false)
                    .finish();

            assertThat(exchange.status()).isEqualTo(200);
            assertThat(exchange.end()).isEqualTo(Http2Exchange.End.RESET);
            assertThat(exchange.code()).isIn(2L, 8L);
        }
    }

    @Test
    void resetsATailThatDoesNotTakeItsEndWithAnErrorCode() {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort(), 10, false)) {
            exchange.request("GET", "/v1/events?subject=core.x", true).finish();

            assertThat(exchange.end()).isEqualTo(Http2Exchange.End.RESET);
            assertThat(exchange.code()).isIn(2L, 8L);
        }
    }

    /** Its place among the open requests, and its connection, must not remain taken. */
    @Test
    void disconnectsATailThatDoesNotTakeItsEndOverHttp1() {
        try (HttpExchange tail = new HttpExchange(root.getPort(), 4_096)) {
            tail.send("GET /v1/events?subject=core.x HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();
            for (int i = 0; i < 4; i++) {
                try (HttpExchange publisher = new HttpExchange(root.getPort())) {
                    publisher.send("POST /v1/publish?ack=none HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/x-ndjson\r\nContent-Length: " + LINES.length()
                            + "\r\nConnection: close\r\n\r\n" + LINES);
                    assertThat(publisher.head().status()).isEqualTo(200);
                    publisher.body();
                }
            }

            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(gauge("http.server.active.requests")).isZero();
                assertThat(gauge("http.server.active.connections")).isZero();
            });
        }
    }

    /** RFC 9113, section 8.1: after a complete response the client may stop sending and keeps the response. */
    @Test
    void stopsASenderWhoseResponseIsCompleteWithoutAnError() {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("POST", "/v1/publish/a..b", false).data("x", false).finish();
            assertThat(exchange.status()).isEqualTo(400);
            assertThat(exchange.end()).isEqualTo(Http2Exchange.End.WHOLE);
        }
    }

    @Test
    void closesTheConnectionOfABulkPublisherThatReadsNoReceiptsBeforeTheLastChunk() {
        try (HttpExchange exchange = new HttpExchange(root.getPort(), 4_096)) {
            exchange.within(Duration.ofSeconds(60))
                    .send("POST /v1/publish?ack=none HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1_000; i++) {
                            exchange.chunk(LINES);
                        }
                        exchange.head().body();
                    })
                    .hasRootCauseInstanceOf(java.io.IOException.class);
        }
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }
}
