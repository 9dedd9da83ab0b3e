package dev.sluice.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Answer;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/request/{subject}}: the first reply, or the reason why there is none. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class RequestResourceIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private Connection nats;

    @BeforeEach
    void connect() throws Exception {
        nats = Nats.connect(server.url());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void disconnect() throws Exception {
        nats.close();
    }

    @Test
    void answersWithTheBytesOfTheReply() throws Exception {
        serve("service.echo", Message::getData);
        byte[] anything = {0, -1, 13, 10, 127, -128};

        try (HttpExchange exchange = ask("service.echo", "", anything)) {
            exchange.head();
            assertThat(exchange.status()).isEqualTo(200);
            assertThat(exchange.header("content-length")).isEqualTo("6");
            assertThat(exchange.header("content-type")).isEqualTo("application/octet-stream");
        }
    }

    @Test
    void keepsABrowserFromRunningAReply() throws Exception {
        serve("service.page", Message::getData);

        try (HttpExchange exchange = ask("service.page", "", new byte[] {'x'})) {
            exchange.head();
            assertThat(exchange.header("content-security-policy")).isEqualTo("default-src 'none'; sandbox");
            assertThat(exchange.header("content-disposition")).isEqualTo("attachment");
        }
    }

    @Test
    void passesHeadersBothWays() throws Exception {
        Dispatcher dispatcher = nats.createDispatcher(message -> nats.publish(NatsMessage.builder()
                .subject(message.getReplyTo())
                .headers(new Headers()
                        .add("Content-Type", "text/plain;charset=UTF-8")
                        .add("Colour", "light " + message.getHeaders().getFirst("Colour"))
                        .add("not(http)", "x"))
                .data("grün", StandardCharsets.UTF_8)
                .build()));
        dispatcher.subscribe("service.headers");
        nats.flush(Timeouts.LIMIT);

        try (HttpExchange exchange = ask("service.headers", "NatsH-Colour: green\r\n", new byte[0])) {
            assertThat(exchange.head().status()).isEqualTo(200);
            assertThat(exchange.header("NatsH-Colour")).isEqualTo("light green");
            assertThat(exchange.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=UTF-8");
            assertThat(exchange.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(exchange.body()).isEqualTo("grün");
        }
    }

    @Test
    void reportsNoRespondersAtOnce() {
        long before = System.nanoTime();

        post("nobody.serves?timeout=30s").isProblem(503, "no-responders");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void reportsATimeout() throws Exception {
        nats.createDispatcher(silent -> {}).subscribe("service.silent");
        nats.flush(Timeouts.LIMIT);

        post("service.silent?timeout=100ms").isProblem(504, "timeout").saying("100 ms");
    }

    @ParameterizedTest
    @CsvSource({"400, 400", "404, 404", "409, 409", "500, 500", "599, 599", "399, 502", "600, 502", "x, 502", "'', 502"
    })
    void answersWithTheStatusOfAServiceError(String code, int status) throws Exception {
        Dispatcher dispatcher = nats.createDispatcher(message -> nats.publish(NatsMessage.builder()
                .subject(message.getReplyTo())
                .headers(new Headers().add("Nats-Service-Error-Code", code).add("Nats-Service-Error", "out of stock"))
                .build()));
        dispatcher.subscribe("service.failing");
        nats.flush(Timeouts.LIMIT);

        post("service.failing").isProblem(status, "service-error").saying("out of stock");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timeout=0s",
                "timeout=-1s",
                "timeout=31s",
                "timeout=soon",
                "timeout=2",
                "timeout=PT2S",
                "timeout=",
                "timeout=1s&timeout=2s",
                "timeout=99999999999999999999s",
                "timeouts=1s"
            })
    void rejectsAQuery(String query) {
        post("service.echo?" + query).isProblem(400, "invalid").saying("timeout");
    }

    @Test
    void rejectsAnInvalidSubject() {
        post("a.*").isProblem(400, "bad-subject");
        post("$SRV.PING").isProblem(403, "forbidden");
        post("_INBOX.x").isProblem(403, "forbidden");
    }

    @Test
    void rejectsABodyThatIsTooLarge() {
        try (HttpExchange exchange = ask("service.echo", "", new byte[(1 << 20) + 1])) {
            Answer.of(exchange).isProblem(413, "too-large");
        }
    }

    @Test
    void rejectsOtherMethods() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /v1/request/a.b HTTP/1.1\r\nHost: localhost\r\n\r\n");

            assertThat(Answer.of(exchange).isProblem(405, "method-not-allowed").allow())
                    .isEqualTo("OPTIONS, POST");
        }
    }

    private void serve(String subject, Function<Message, byte[]> reply) throws Exception {
        nats.createDispatcher(message -> nats.publish(message.getReplyTo(), reply.apply(message)))
                .subscribe(subject);
        nats.flush(Timeouts.LIMIT);
    }

    private Answer post(String target) {
        try (HttpExchange exchange = ask(target, "", new byte[] {'x'})) {
            return Answer.of(exchange);
        }
    }

    private HttpExchange ask(String target, String headers, byte[] body) {
        return new HttpExchange(root.getPort())
                .send("POST /v1/request/" + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length
                        + "\r\n" + headers + "\r\n")
                .send(body);
    }
}
