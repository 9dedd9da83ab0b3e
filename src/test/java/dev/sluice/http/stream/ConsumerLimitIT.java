package dev.sluice.http.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Answer;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SseClient;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream with the maximum number of consumers. The condition is temporary, so the client receives Retry-After. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ConsumerLimitIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private Connection other;

    @BeforeEach
    void fillStream() throws Exception {
        other = Nats.connect(server.url());
        other.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("SCARCE")
                        .subjects("scarce.>")
                        .maxConsumers(1)
                        .allowDirect(true)
                        .build());
        other.jetStream().publish("scarce.a", "kept".getBytes(StandardCharsets.UTF_8));
        consumer("SCARCE", "only");
        await().atMost(SOON).until(publisher::reachable);
    }

    @AfterEach
    void deleteStream() throws Exception {
        for (String stream : other.jetStreamManagement().getStreamNames()) {
            if (stream.equals("SCARCE") || stream.equals("QUEUE")) {
                other.jetStreamManagement().deleteStream(stream);
            }
        }
        other.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tail=1", "from=last", "from=last-per-subject"})
    void rejectsATailThatNeedsAConsumerWithRetryAfter(String start) {
        Answer refused = ask("GET /v1/events?subject=scarce.a&" + start, "");

        refused.isProblem(503, "limit-reached").saying("maximum consumers limit reached");
        assertThat(refused.retryAfter()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"from=all", "from=seq:1", "from=since:1h", "from=time:2026-01-01T00:00:00Z"})
    void servesATailThatNeedsNoConsumer(String start) {
        try (SseClient client =
                SseClient.open(root.getPort(), "?subject=scarce.a&" + start).within(SOON)) {
            client.until(frame -> frame.data().contains("kept"));
        }
    }

    /** Stored messages may be available before it is known whether the stream can be followed. */
    @Test
    void sendsTheStatusOfATailBeforeTheFirstEvent() {
        try (SseClient client =
                SseClient.open(root.getPort(), "?subject=scarce.a&from=all").within(SOON)) {
            assertThat(client.until(frame -> frame.type().equals("message")))
                    .extracting(SseClient.Frame::type)
                    .contains("status");
        }
    }

    @Test
    void createsNoFurtherConsumer() {
        Answer refused = ask("PUT /v1/streams/SCARCE/consumers/another", "{}");

        refused.isProblem(503, "limit-reached");
        assertThat(refused.retryAfter()).isNotNull();
    }

    @Test
    void createsAConsumerWhenTheLimitAllowsItAgain() throws Exception {
        ask("PUT /v1/streams/SCARCE/consumers/another", "{}").isProblem(503, "limit-reached");

        other.jetStreamManagement().deleteConsumer("SCARCE", "only");

        assertThat(ask("PUT /v1/streams/SCARCE/consumers/another", "{}").status())
                .isEqualTo(201);
    }

    @Test
    void reportsThatAWorkQueueAlreadyHasItsConsumer() throws Exception {
        other.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("QUEUE")
                        .subjects("queued.>")
                        .retentionPolicy(RetentionPolicy.WorkQueue)
                        .build());
        consumer("QUEUE", "first");

        ask("PUT /v1/streams/QUEUE/consumers/second", "{}").isProblem(409, "conflict");
    }

    private void consumer(String stream, String name) throws Exception {
        other.jetStreamManagement()
                .createConsumer(
                        stream, ConsumerConfiguration.builder().durable(name).build());
    }

    private Answer ask(String line, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.within(SOON);
            exchange.send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
            return Answer.of(exchange);
        }
    }
}
