package dev.sluice.stream.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.support.LogRecords;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The declaration of a bucket at a JetStream that has it and refuses to change it. */
class BucketDeclarationIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PREFIX = JetStreamApi.DEFAULT_PREFIX;

    private final AtomicInteger refusals = new AtomicInteger();
    private static final String THERE = "{\"config\":{\"name\":\"KV_MINE\"},\"state\":{}}";
    private final AtomicInteger requests = new AtomicInteger();
    private volatile String info = THERE;
    private volatile String refusal = error(400, 10052);
    private NatsServer server;
    private NatsLink link;
    private Connection jetStream;
    private BucketDeclaration declaration;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.withoutJetStream();
        link = TestLinks.linkTo(server);
        await().atMost(SOON).until(link::up);
        jetStream = Nats.connect(server.url());
        jetStream
                .createDispatcher(request -> {
                    requests.incrementAndGet();
                    boolean update = request.getSubject().contains("UPDATE");
                    if (update) {
                        refusals.incrementAndGet();
                    }
                    String answer = update ? refusal : info;
                    jetStream.publish(request.getReplyTo(), answer.getBytes(StandardCharsets.UTF_8));
                })
                .subscribe(PREFIX + ".STREAM.*.KV_MINE");
        jetStream.flush(SOON);
    }

    @AfterEach
    void stop() throws InterruptedException {
        declaration.close();
        jetStream.close();
        link.drain(SOON);
        server.close();
    }

    @Test
    void theBucketIsThereAndItsProblemIsKnown() {
        declare(SOON);

        await().atMost(SOON).until(declaration::exists);

        assertThat(declaration.problem())
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains("bucket MINE").contains("refuses"));
    }

    @Test
    void anErrorThatPassesIsNoProblemOfTheBucket() {
        info = error(503, 10008);
        declare(Duration.ofMillis(10));

        await().atMost(SOON).until(() -> requests.get() > 1);

        assertThat(declaration.problem()).isEmpty();
    }

    @Test
    void theBucketIsThereAlthoughTheClusterHasNoRoomForMoreReplicas() {
        refusal = error(400, 10005);
        declare(SOON);

        await().atMost(SOON).until(declaration::exists);

        assertThat(declaration.firstTime()).isCompleted();
        assertThat(declaration.problem()).isPresent();
    }

    @Test
    void failedOperationsDoNotAddAttemptsToTheOneThatIsPending() throws Exception {
        declare(Duration.ofHours(1));
        await().atMost(SOON).until(declaration::exists);

        for (int i = 0; i < 10; i++) {
            declaration.explain(Failure.UNAVAILABLE.because("away")).await().atMost(SOON);
        }
        link.connection().flush(SOON);
        jetStream.flush(SOON);

        assertThat(refusals).hasValue(1);
    }

    @Test
    void logsARefusalOnceWhileItIsRepeated() {
        try (LogRecords log = LogRecords.of(BucketDeclaration.class.getName())) {
            declare(Duration.ofMillis(10));

            await().atMost(SOON).until(() -> refusals.get() > 3);

            assertThat(log.messages())
                    .filteredOn(line -> line.startsWith("WARN"))
                    .hasSize(1);
        }
    }

    private static String error(int code, int errorCode) {
        return "{\"error\":{\"code\":%d,\"err_code\":%d,\"description\":\"no\"}}".formatted(code, errorCode);
    }

    private void declare(Duration pause) {
        JetStreamApi api = new JetStreamApi(link, PREFIX, Duration.ofSeconds(10));
        declaration = new BucketDeclaration(BucketDefinition.of("MINE"), api, pause);
        declaration.up(link.connection());
    }
}
