package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of the packaged service on one NATS server. Each accepts the ack tokens of the other. */
@Tag("slow")
class TwoInstancesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/v1/streams/WORK/consumers/worker/";
    private static final String SECRET = "a secret of thirty-two bytes or more";

    @TempDir
    Path folder;

    private NatsServer server;
    private Connection nats;

    @BeforeEach
    void createStream() throws Exception {
        server = NatsServer.started();
        nats = Nats.connect(server.url());
        nats.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("WORK")
                        .subjects("work.>")
                        .build());
        nats.jetStreamManagement()
                .addOrUpdateConsumer(
                        "WORK",
                        ConsumerConfiguration.builder().durable("worker").build());
        nats.jetStream().publish("work.item", "1".getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() throws Exception {
        nats.close();
        server.close();
    }

    @Test
    void aInstanceAcksMessagesThatTheOtherFetched() throws Exception {
        try (PackagedService one = instance("one", SECRET);
                PackagedService other = instance("other", SECRET)) {
            JsonNode settled = ackAt(other, fetchAt(one));

            assertThat(settled.path("acked").intValue()).isEqualTo(1);
            assertThat(nats.jetStreamManagement()
                            .getConsumerInfo("WORK", "worker")
                            .getAckFloor()
                            .getStreamSequence())
                    .isEqualTo(1);
        }
    }

    @Test
    void rejectsTheTokensOfAnInstanceWithAnotherSecret() throws Exception {
        try (PackagedService one = instance("one", SECRET);
                PackagedService stranger = instance("stranger", SECRET.toUpperCase(Locale.ROOT))) {
            JsonNode settled = ackAt(stranger, fetchAt(one));

            assertThat(settled.at("/failed/0/problem").textValue()).isEqualTo("bad-token");
            assertThat(nats.jetStreamManagement()
                            .getConsumerInfo("WORK", "worker")
                            .getNumAckPending())
                    .isEqualTo(1);
        }
    }

    private PackagedService instance(String name, String secret) {
        return new PackagedService(
                PackagedService.jar(),
                folder.resolve(name + ".log"),
                Map.of(
                        "SLUICE_NATS_SERVERS", server.url(),
                        "SLUICE_ACCESS_MODE", "open",
                        "SLUICE_ACCESS_TOKEN_SECRET", secret,
                        "SLUICE_ORDERS_ENABLED", "false",
                        "SLUICE_PRICING_ENABLED", "false"));
    }

    private static String fetchAt(PackagedService service) throws Exception {
        return post(service, "fetch", "{\"batch\":1}")
                .at("/messages/0/ack_token")
                .textValue();
    }

    private static JsonNode ackAt(PackagedService service, String token) throws Exception {
        return post(service, "ack?confirm=true", "{\"acks\":[\"" + token + "\"]}");
    }

    private static JsonNode post(PackagedService service, String operation, String body) throws Exception {
        service.awaitReady();
        HttpRequest request = HttpRequest.newBuilder(service.uri(PATH + operation))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }
}
