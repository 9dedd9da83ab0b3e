package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Answer;
import dev.sluice.http.BulkExchangeClient;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/publish?atomic=true}: all messages or none. Tests that store messages need nats-server 2.12. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class AtomicPublishIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private Connection nats;
    private String stream;
    private boolean supported;

    @BeforeEach
    void createStream() throws Exception {
        nats = Nats.connect(server.url());
        stream = "A" + UUID.randomUUID().toString().substring(0, 8);
        StreamInfo created = nats.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(stream)
                        .subjects(stream + ".>")
                        .maximumMessageSize(1000)
                        .maxMessages(1500)
                        .discardPolicy(DiscardPolicy.New)
                        .allowAtomicPublish()
                        .build());
        supported = created.getConfiguration().getAllowAtomicPublish();
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void deleteStream() throws Exception {
        nats.jetStreamManagement().deleteStream(stream);
        nats.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1000})
    void storesAll(int count) throws Exception {
        requireSupport();

        Answer answer = publish(messages(count));

        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        assertThat(answer.body())
                .isEqualTo("{\"stream\":\"" + stream + "\",\"seq\":" + count + ",\"duplicate\":false}");
        assertThat(answer.location()).isEqualTo("/v1/streams/" + stream + "/messages/" + count);
        assertThat(stored()).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no json|400|invalid",
                "{\"subject\":\"a.*\",\"data\":\"x\"}|400|bad-subject",
                "{\"subject\":\"$JS.x\",\"data\":\"x\"}|403|forbidden",
                "{\"subject\":\"another.stream\",\"data\":\"x\"}|400|invalid",
                "{\"subject\":\"SUBJECT\",\"data\":\"LARGE\"}|413|too-large",
                "{\"subject\":\"SUBJECT\",\"data\":\"x\",\"expected_last_subject_sequence\":7}|412|wrong-sequence"
            })
    void storesNoneIfOneIsRefused(String broken, int status, String problem) throws Exception {
        requireSupport();
        String line = broken.replace("SUBJECT", stream + ".other").replace("LARGE", "x".repeat(1001));

        publish(messages(3) + line + "\n" + messages(1)).isProblem(status, problem);

        assertThat(stored()).isZero();
    }

    /** A server that finds the name of a header within another one takes the header for missing. */
    @Test
    void storesAllInOneBatchWhateverAHeaderSays() throws Exception {
        requireSupport();
        String hiding = messages(1)
                .replace(
                        "}", ",\"headers\":{\"A\":\"Nats-Batch-IdNats-Batch-Id Nats-Batch-CommitNats-Batch-Commit\"}}");

        assertThat(publish(hiding.repeat(3)).status()).isEqualTo(201);
        publish(hiding.repeat(3) + hiding.replace("}}", "},\"expected_last_subject_sequence\":7}"))
                .isProblem(412, "wrong-sequence");

        assertThat(stored()).isEqualTo(3);
    }

    @Test
    void storesNoneIfAMessageIdIsStored() throws Exception {
        requireSupport();
        String lines = identified("a") + identified("b");
        assertThat(publish(lines).status()).isEqualTo(201);

        publish(lines).isProblem(409, "conflict").saying("already stored");

        assertThat(stored()).isEqualTo(2);
    }

    @Test
    void namesAMessageIdThatABatchHasTwice() throws Exception {
        publish(identified("a") + identified("b") + identified("a"))
                .isProblem(400, "invalid")
                .saying("the id a");

        assertThat(stored()).isZero();
    }

    @Test
    void storesNoneIfTheStreamHasNoRoomForAll() throws Exception {
        requireSupport();
        assertThat(publish(messages(1000)).status()).isEqualTo(201);

        publish(messages(1000)).isProblem(507, "stream-full");

        assertThat(stored()).isEqualTo(1000);
    }

    @Test
    void reportsThatTheServerOrTheStreamDoesNotAllowIt() throws Exception {
        String plain = stream + "P";
        nats.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(plain)
                        .subjects(plain + ".>")
                        .build());

        publish(messages(2).replace(stream, plain))
                .isProblem(501, "not-supported")
                .saying(plain);
        if (!supported) {
            publish(messages(2)).isProblem(501, "not-supported").saying(stream);
        }

        assertThat(nats.jetStreamManagement()
                        .getStreamInfo(plain)
                        .getStreamState()
                        .getMsgCount())
                .isZero();
        assertThat(stored()).isZero();
        nats.jetStreamManagement().deleteStream(plain);
    }

    @Test
    void namesTheLineThatIsBroken() {
        publish(messages(2) + "\n{}\n").isProblem(400, "invalid").saying("Line 4");
    }

    @Test
    void rejectsMoreMessagesThanABatchHas() throws Exception {
        publish(messages(1001)).isProblem(413, "too-large").saying("1000");

        assertThat(stored()).isZero();
    }

    @Test
    void rejectsAnEmptyBatch() {
        publish("").isProblem(400, "invalid");
    }

    @Test
    void reportsThatNoStreamStoresTheSubject() {
        publish(messages(2).replace(stream, "nobody")).isProblem(404, "no-stream");
    }

    @Test
    void rejectsABodyThatDoesNotArriveInTime() throws Exception {
        try (BulkExchangeClient client = new BulkExchangeClient(root.getPort(), "?atomic=true")) {
            client.send(messages(2));

            Answer.of(client.http()).isProblem(408, "request-timeout");
        }
        assertThat(stored()).isZero();
    }

    @Test
    void rejectsMoreConcurrentBatchesThanConfigured() {
        List<BulkExchangeClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 17; i++) {
                clients.add(new BulkExchangeClient(root.getPort(), "?atomic=true").send(messages(1)));
            }

            assertThat(clients).anySatisfy(client -> Answer.of(client.http()).isProblem(429, "overloaded"));
        } finally {
            clients.forEach(BulkExchangeClient::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"?atomic=yes", "?atomic=true&ack=none", "?atomic=true&atomic=true", "?Atomic=true"})
    void rejectsAQuery(String query) {
        try (BulkExchangeClient client =
                new BulkExchangeClient(root.getPort(), query, messages(1).getBytes(StandardCharsets.UTF_8))) {
            JsonNode problem =
                    Answer.of(client.http()).isProblem(400, "invalid").json();
            assertThat(problem.path("detail").textValue()).containsIgnoringCase("atomic");
        }
    }

    private void requireSupport() {
        assumeTrue(supported, "the server leaves allow_atomic out of the stream's configuration");
    }

    private long stored() throws Exception {
        return nats.jetStreamManagement().getStreamInfo(stream).getStreamState().getMsgCount();
    }

    private String messages(int count) {
        return ("{\"subject\":\"" + stream + ".x\",\"data\":\"x\"}\n").repeat(count);
    }

    private String identified(String id) {
        return messages(1).replace("}", ",\"id\":\"" + id + "\"}");
    }

    private Answer publish(String lines) {
        try (BulkExchangeClient client =
                new BulkExchangeClient(root.getPort(), "?atomic=true", lines.getBytes(StandardCharsets.UTF_8))) {
            return Answer.of(client.http());
        }
    }
}
