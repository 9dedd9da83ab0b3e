package dev.sluice.stream.topology;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.ScriptedJetStream;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Declarations at a JetStream that answers no change. */
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

    private void assertOutcomeUnknown(Declaration declaration) {
        assertThatThrownBy(() -> reconciler.apply(declaration).await().atMost(SOON))
                .matches(Failure.OUTCOME_UNKNOWN::matches);
    }

    private static Declaration stream() {
        return Declaration.stream("stream WORK", "WORK", true, Map.of(), Map.of("max_age", new JsonValue(2)), Map.of());
    }
}
