package dev.sluice.http.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.TestWork;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SseClient;
import io.nats.client.Dispatcher;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** NATS header names are case-sensitive, HTTP/2 names are lower case. Both HTTP versions produce the same name. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class HeaderNamesIT {
    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private TestWork work;

    @BeforeEach
    void begin() {
        await().atMost(Duration.ofSeconds(60)).until(publisher::reachable);
        work = new TestWork(server);
    }

    @AfterEach
    void end() {
        work.close();
    }

    @Test
    void storesTheSameNameOverBothVersions() throws Exception {
        http1("NatsH-X-Tenant: acme\r\nNatsH-X-Tenant: beta");
        http2("natsh-x-tenant", "acme", "natsh-x-tenant", "beta");

        assertThat(stored(1)).isEqualTo(List.of("acme", "beta"));
        assertThat(stored(2)).isEqualTo(List.of("acme", "beta"));
    }

    @Test
    void keepsTheSpellingOfANameOverHttp1() throws Exception {
        http1("NatsH-x-tenant: acme");

        assertThat(headers(1).get("x-tenant")).containsExactly("acme");
    }

    @Test
    void storesAHeaderWithTheNameOfTheAliasOverBothVersions() throws Exception {
        http1("NatsH-Idempotency-Key: a");
        http2("natsh-idempotency-key", "a");

        assertThat(headers(1).get("Idempotency-Key")).containsExactly("a");
        assertThat(headers(2).get("Idempotency-Key")).containsExactly("a");
    }

    @Test
    void takesAContentTypeInBothFormsIfTheyAgree() throws Exception {
        http1("Content-Type: text/plain\r\nNatsH-Content-Type: text/plain");
        http1("natsh-content-type: text/plain\r\nContent-Type: text/plain");

        assertThat(headers(1).get("Content-Type")).containsExactly("text/plain");
        assertThat(headers(2).get("Content-Type")).containsExactly("text/plain");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: text/plain\r\nNatsH-Content-Type: x",
                "NatsH-Content-Type: x\r\nContent-Type: text/plain",
                "traceparent: 00-1\r\nNatsH-traceparent: 00-2"
            })
    void rejectsAHeaderInTwoFormsThatDiffer(String headers) {
        assertThat(post(headers)).isEqualTo(400);
    }

    @Test
    void readsTheSameBackOverBothVersions() {
        http1("NatsH-X-Tenant: acme\r\nNatsH-X-Tenant: beta");
        String path = "/v1/streams/" + work.stream + "/messages/1";

        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();
            assertThat(exchange.header("NatsH-X-Tenant")).isEqualTo("beta");
        }
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("GET", path, true).finish();
            assertThat(exchange.header("natsh-x-tenant")).isEqualTo("acme");
        }
        assertThat(work.fetch("{\"batch\":1}").<List<String>>path("messages[0].headers.X-Tenant"))
                .containsExactly("acme", "beta");
    }

    @Test
    void findsBothInATailInAnyCase() {
        http1("NatsH-X-Tenant: acme");
        http2("natsh-x-tenant", "acme");
        http1("NatsH-x-tenant: acme");
        http1("NatsH-X-Tenant: other");
        http1("NatsH-X-Tenant: acme");

        for (String name : List.of("X-Tenant", "x-tenant")) {
            try (SseClient tail = SseClient.open(
                    root.getPort(), "?subject=" + work.stream + ".>&from=all&header=" + name + ":acme")) {
                assertThat(tail.messages(4))
                        .extracting(frame -> frame.data().replaceAll(".*\"seq\":(\\d+).*", "$1"))
                        .containsExactly("1", "2", "3", "5");
            }
        }
    }

    @Test
    void asksAServiceWithTheSameNameOverBothVersions() throws Exception {
        Dispatcher service = work.nats.createDispatcher(message -> work.nats.publish(NatsMessage.builder()
                .subject(message.getReplyTo())
                .headers(new Headers().add("X-Answer", "a", "b"))
                .data(String.valueOf(message.getHeaders().get("X-Tenant")))
                .build()));
        service.subscribe("tenants");
        work.nats.flush(Duration.ofSeconds(60));

        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("POST", "/v1/request/tenants?timeout=20s", true, "natsh-x-tenant", "acme")
                    .finish();
            assertThat(exchange.body()).isEqualTo("[acme]");
            assertThat(exchange.header("natsh-x-answer")).isEqualTo("a");
        }
    }

    private void http1(String headers) {
        assertThat(post(headers)).isEqualTo(201);
    }

    private int post(String headers) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("POST /v1/publish/" + work.stream + ".a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                    + headers + "\r\n\r\n");
            return exchange.head().status();
        }
    }

    private void http2(String... headers) {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("POST", "/v1/publish/" + work.stream + ".a", true, headers)
                    .finish();
            assertThat(exchange.status()).as(exchange.body()).isEqualTo(201);
        }
    }

    private List<String> stored(long sequence) throws Exception {
        return headers(sequence).get("X-Tenant");
    }

    private Headers headers(long sequence) throws Exception {
        return work.nats.jetStreamManagement().getMessage(work.stream, sequence).getHeaders();
    }
}
