package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.Answer;
import dev.sluice.nats.ConnectionEvent;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.DenyingServerResource;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishing to subjects that the NATS server denies to Sluice's own user, for any caller. */
@QuarkusTest
@QuarkusTestResource(value = DenyingServerResource.class, restrictToAnnotatedClass = true)
class DeniedPublishIT {
    /** Well below the timeouts: 5 s for a publish, 30 s for a request. */
    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @Inject
    NatsLinks links;

    private final String subject = UUID.randomUUID().toString();
    private Connection other;
    private boolean atomic;

    @BeforeEach
    void createStream() throws Exception {
        other = Nats.connect(Options.builder()
                .server(server.url())
                .userInfo(DenyingServerResource.USER, DenyingServerResource.PASSWORD)
                .build());
        atomic = other.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("BOTH")
                        .subjects("denied.stored.>", "permitted.>")
                        .allowAtomicPublish()
                        .build())
                .getConfiguration()
                .getAllowAtomicPublish();
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void deleteStream() throws Exception {
        JetStreamManagement management = other.jetStreamManagement();
        management.deleteStream("BOTH");
        other.close();
    }

    @Test
    void rejectsAStoredPublishAtOnce() {
        long before = System.nanoTime();

        publish("denied.stored." + subject, "").isProblem(403, "forbidden").saying("does not permit Sluice's own user");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_ONCE);
    }

    @Test
    void rejectsARequestAtOnce() {
        other.createDispatcher().subscribe("denied.asked." + subject, message -> {});
        long before = System.nanoTime();

        send("POST /v1/request/denied.asked." + subject + "?timeout=30s", "text/plain", "x")
                .isProblem(403, "forbidden")
                .saying("denied.asked." + subject);

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_ONCE);
    }

    @Test
    void rejectsACorePublishAfterTheServerDeniedItsSubject() {
        assertThat(publish("denied.live." + subject, "?ack=none").status()).isEqualTo(202);

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> publish("denied.live." + subject, "?ack=none")
                .isProblem(403, "forbidden"));
    }

    @Test
    void rejectsOnlyTheDeniedLineOfABulkPublish() {
        String lines = "{\"subject\":\"permitted.x\",\"data\":\"1\"}\n{\"subject\":\"denied.stored." + subject
                + "\",\"data\":\"2\"}\n{\"subject\":\"permitted.x\",\"data\":\"3\"}\n";

        List<String> receipts = send("POST /v1/publish", "application/x-ndjson", lines)
                .body()
                .lines()
                .toList();

        assertThat(receipts).hasSize(3);
        assertThat(receipts.get(0)).contains("\"status\":201");
        assertThat(receipts.get(1)).contains("\"status\":403", "/problems/forbidden");
        assertThat(receipts.get(2)).contains("\"status\":201");
    }

    @Test
    void rejectsAnAtomicBatchWithADeniedMessage() throws Exception {
        assumeTrue(atomic, "atomic batches need nats-server 2.12");
        String lines = "{\"subject\":\"permitted.x\",\"data\":\"1\"}\n{\"subject\":\"denied.stored." + subject
                + "\",\"data\":\"2\"}\n";

        send("POST /v1/publish?atomic=true", "application/x-ndjson", lines).isProblem(403, "forbidden");

        assertThat(other.jetStreamManagement()
                        .getStreamInfo("BOTH")
                        .getStreamState()
                        .getMsgCount())
                .isZero();
    }

    /** Earlier denials are counted before the first publish is answered. */
    @Test
    void countsPublishesThatTheServerDenies() {
        publish("denied.stored." + subject, "").isProblem(403, "forbidden");
        long before = links.events().count(ConnectionEvent.DENIED);

        publish("denied.stored." + subject, "").isProblem(403, "forbidden");

        assertThat(links.events().count(ConnectionEvent.DENIED)).isEqualTo(before + 1);
    }

    private Answer publish(String to, String query) {
        return send("POST /v1/publish/" + to + query, "text/plain", "x");
    }

    private Answer send(String line, String type, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type + "\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
            return Answer.of(exchange);
        }
    }
}
