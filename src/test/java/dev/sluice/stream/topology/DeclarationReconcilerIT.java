package dev.sluice.stream.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.ScriptedJetStream;
import io.nats.client.support.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Declarations at a JetStream that answers no change, or is without a leader. */
class DeclarationReconcilerIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private ScriptedJetStream jetStream;
    private DeclarationReconciler reconciler;

    @BeforeEach
    void start() throws Exception {
        jetStream = new ScriptedJetStream();
        reconciler = new DeclarationReconciler(jetStream.api(Duration.ofMillis(200)));
    }

    @AfterEach
    void stop() throws InterruptedException {
        jetStream.close();
    }

    @Test
    void doesNotKnowWhetherAStreamWasCreated() throws Exception {
        jetStream.answer("STREAM.INFO.>", request -> ScriptedJetStream.error(404, 10059));
        jetStream.ignore("STREAM.CREATE.>");

        assertOutcomeUnknown(stream());
    }

    @Test
    void doesNotKnowWhetherAStreamWasUpdated() throws Exception {
        jetStream.answer("STREAM.INFO.>", request -> "{\"config\":{\"name\":\"WORK\",\"max_age\":1},\"state\":{}}");
        jetStream.ignore("STREAM.UPDATE.>");

        assertOutcomeUnknown(stream());
    }

    @Test
    void doesNotKnowWhetherAConsumerWasCreated() throws Exception {
        jetStream.answer("CONSUMER.INFO.>", request -> ScriptedJetStream.error(404, 10014));
        jetStream.ignore("CONSUMER.CREATE.>");

        assertOutcomeUnknown(Declaration.consumer(new ConsumerRef("WORK", "worker"), Map.of()));
    }

    @Test
    void keepsTheOptionalFeaturesDuringAnElection() throws Exception {
        List<String> updates = new CopyOnWriteArrayList<>();
        jetStream.answer("STREAM.INFO.>", request -> "{\"config\":{\"name\":\"WORK\"},\"state\":{}}");
        jetStream.answer("STREAM.UPDATE.>", request -> {
            updates.add(new String(request.getData(), StandardCharsets.UTF_8));
            return ScriptedJetStream.error(503, 10008);
        });
        Declaration wishing = Declaration.stream(
                "stream WORK", "WORK", true, Map.of(), Map.of(), Map.of("allow_direct", JsonValue.TRUE));

        new DeclarationReconciler(jetStream.api(SOON)).apply(wishing).await().atMost(SOON);

        assertThat(updates).singleElement().asString().contains("allow_direct");
    }

    @Test
    void anElectionIsNoRefusal() throws Exception {
        jetStream.answer("STREAM.INFO.>", request -> "{\"config\":{\"name\":\"WORK\",\"max_age\":1},\"state\":{}}");
        jetStream.answer("STREAM.UPDATE.>", request -> ScriptedJetStream.error(503, 10008));

        DeclarationReconciler.Applied applied = new DeclarationReconciler(jetStream.api(SOON))
                .apply(stream())
                .await()
                .atMost(SOON);

        assertThat(applied.refusal()).isEmpty();
        assertThat(applied.undecided())
                .hasValueSatisfying(reason -> assertThat(reason).contains("stream WORK"));
        assertThat(applied.complete()).isFalse();
    }

    private void assertOutcomeUnknown(Declaration declaration) {
        assertThatThrownBy(() -> reconciler.apply(declaration).await().atMost(SOON))
                .matches(Failure.OUTCOME_UNKNOWN::matches);
    }

    private static Declaration stream() {
        return Declaration.stream("stream WORK", "WORK", true, Map.of(), Map.of("max_age", new JsonValue(2)), Map.of());
    }
}
