package dev.sluice.stream.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ScriptedJetStream;
import dev.sluice.support.LogRecords;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The declaration of a bucket at a JetStream that has it and refuses to change it. */
class BucketDeclarationIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String THERE = "{\"config\":{\"name\":\"KV_MINE\"},\"state\":{}}";

    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile String info = THERE;
    private volatile String refusal = ScriptedJetStream.error(400, 10052);
    private ScriptedJetStream jetStream;
    private BucketDeclaration declaration;

    @BeforeEach
    void start() throws Exception {
        jetStream = new ScriptedJetStream();
        jetStream.answer("STREAM.INFO.KV_MINE", request -> {
            requests.incrementAndGet();
            return info;
        });
        jetStream.answer("STREAM.UPDATE.KV_MINE", request -> {
            refusals.incrementAndGet();
            return refusal;
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        declaration.close();
        jetStream.close();
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
        info = ScriptedJetStream.error(503, 10008);
        declare(Duration.ofMillis(10));

        await().atMost(SOON).until(() -> requests.get() > 1);

        assertThat(declaration.problem()).isEmpty();
    }

    @Test
    void theBucketIsThereWithoutAProblemDuringAnElection() {
        refusal = ScriptedJetStream.error(503, 10008);
        declare(Duration.ofMillis(10));

        await().atMost(SOON).until(() -> refusals.get() > 1);

        assertThat(declaration.exists()).isTrue();
        assertThat(declaration.problem()).isEmpty();
    }

    @Test
    void theBucketIsThereAlthoughTheClusterHasNoRoomForMoreReplicas() {
        refusal = ScriptedJetStream.error(400, 10005);
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
        jetStream.settle();

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

    private void declare(Duration pause) {
        declaration = new BucketDeclaration(BucketDefinition.of("MINE"), jetStream.api(Duration.ofSeconds(10)), pause);
        declaration.up(jetStream.link().connection());
    }
}
