package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Answer;
import dev.sluice.http.BulkExchangeClient;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Responses to rejected messages and unknown outcomes. PublishRouteIT covers the other rows of the table. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class PublishErrorsIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private final String stream = "E" + UUID.randomUUID().toString().substring(0, 8);
    private Connection nats;

    @BeforeEach
    void connect() throws Exception {
        nats = Nats.connect(
                Options.builder().server(server.url()).maxReconnects(-1).build());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void disconnect() throws Exception {
        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> nats.jetStreamManagement()
                .deleteStream(stream));
        nats.close();
    }

    @Test
    void reportsAStreamThatIsFullByBytes() throws Exception {
        create(stream().maxBytes(500).discardPolicy(DiscardPolicy.New));

        publish("x", "", "x".repeat(300));

        Answer refused = publish("x", "", "x".repeat(300)).isProblem(507, "stream-full");
        assertThat(refused.json().path("nats_error_code").intValue()).isPositive();
    }

    @Test
    void reportsAStreamThatIsFullForOneSubject() throws Exception {
        create(stream()
                .maxMessagesPerSubject(1)
                .discardPolicy(DiscardPolicy.New)
                .discardNewPerSubject(true));

        assertThat(publish("x", "", "1").status()).isEqualTo(201);

        publish("x", "", "2").isProblem(507, "stream-full");
        assertThat(publish("y", "", "1").status()).isEqualTo(201);
    }

    @Test
    void reportsASealedStream() throws Exception {
        create(stream());
        nats.jetStreamManagement().updateStream(stream().seal().build());

        publish("x", "", "1").isProblem(501, "not-supported");
    }

    @Test
    void reportsHeadersThatAreTooLarge() throws Exception {
        create(stream());
        String line = "{\"subject\":\"" + stream + ".x\",\"data\":\"\",\"headers\":{\"Large\":\"" + "x".repeat(66_000)
                + "\"}}";

        try (BulkExchangeClient client =
                new BulkExchangeClient(root.getPort(), "", line.getBytes(StandardCharsets.UTF_8))) {
            JsonNode receipt = client.receipt();

            assertThat(receipt.path("status").intValue()).isEqualTo(413);
            assertThat(receipt.path("problem").path("nats_error_code").intValue())
                    .isEqualTo(10097);
        }
    }

    @Test
    void reportsAnInvalidTimeToLive() throws Exception {
        create(stream().allowMessageTtl());
        assumeTrue(
                nats.jetStreamManagement()
                        .getStreamInfo(stream)
                        .getConfiguration()
                        .getAllowMessageTtl(),
                "the server leaves allow_msg_ttl out of the stream's configuration: before 2.11 it ignores the header");

        assertThat(publish("x", "Nats-TTL: 1h\r\n", "1").status()).isEqualTo(201);

        publish("x", "Nats-TTL: soon\r\n", "1").isProblem(400, "invalid");
    }

    /** A server before 2.11 would store the message for ever. */
    @Test
    void storesNoTimeToLiveThatTheStreamWouldNotKeep() throws Exception {
        create(stream());

        publish("x", "Nats-TTL: 1h\r\n", "1").isProblem(501, "not-supported");

        assertThat(nats.jetStreamManagement()
                        .getStreamInfo(stream)
                        .getStreamState()
                        .getMsgCount())
                .isZero();
    }

    @Test
    @Tag("slow")
    void reportsAnUnknownOutcomeIfTheServerStopsAnswering() throws Exception {
        create(stream());
        server.freeze();
        try {
            publish("x", "Nats-Msg-Id: one\r\n", "1")
                    .isProblem(503, "unavailable")
                    .saying("Nats-Msg-Id");
        } finally {
            server.thaw();
        }
    }

    private StreamConfiguration.Builder stream() {
        return StreamConfiguration.builder().name(stream).subjects(stream + ".>");
    }

    private void create(StreamConfiguration.Builder configuration) throws Exception {
        nats.jetStreamManagement().addStream(configuration.build());
    }

    private Answer publish(String last, String headers, String body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("POST /v1/publish/" + stream + "." + last + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                    + body.length() + "\r\n" + headers + "\r\n" + body);
            return Answer.of(exchange);
        }
    }
}
