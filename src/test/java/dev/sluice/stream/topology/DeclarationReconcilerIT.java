package dev.sluice.stream.topology;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.support.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Declarations at a JetStream that answers no change. */
class DeclarationReconcilerIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PREFIX = JetStreamApi.DEFAULT_PREFIX;

    private NatsServer server;
    private NatsLink link;
    private Connection jetStream;
    private DeclarationReconciler reconciler;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.withoutJetStream();
        link = TestLinks.linkTo(server);
        await().atMost(SOON).until(link::up);
        jetStream = Nats.connect(server.url());
        reconciler = new DeclarationReconciler(new JetStreamApi(link, PREFIX, Duration.ofMillis(200)));
    }

    @AfterEach
    void stop() throws InterruptedException {
        jetStream.close();
        link.drain(SOON);
        server.close();
    }

    @Test
    void doesNotKnowWhetherAStreamWasCreated() throws Exception {
        answer("STREAM.INFO.>", "{\"error\":{\"code\":404,\"err_code\":10059}}");
        ignore("STREAM.CREATE.>");

        assertOutcomeUnknown(stream());
    }

    @Test
    void doesNotKnowWhetherAStreamWasUpdated() throws Exception {
        answer("STREAM.INFO.>", "{\"config\":{\"name\":\"WORK\",\"max_age\":1},\"state\":{}}");
        ignore("STREAM.UPDATE.>");

        assertOutcomeUnknown(stream());
    }

    @Test
    void doesNotKnowWhetherAConsumerWasCreated() throws Exception {
        answer("CONSUMER.INFO.>", "{\"error\":{\"code\":404,\"err_code\":10014}}");
        ignore("CONSUMER.CREATE.>");

        assertOutcomeUnknown(Declaration.consumer(new ConsumerRef("WORK", "worker"), Map.of()));
    }

    private void assertOutcomeUnknown(Declaration declaration) {
        assertThatThrownBy(() -> reconciler.apply(declaration).await().atMost(SOON))
                .matches(Failure.OUTCOME_UNKNOWN::matches);
    }

    private static Declaration stream() {
        return Declaration.stream("stream WORK", "WORK", true, Map.of(), Map.of("max_age", new JsonValue(2)), Map.of());
    }

    private void answer(String operation, String json) throws Exception {
        jetStream
                .createDispatcher(
                        request -> jetStream.publish(request.getReplyTo(), json.getBytes(StandardCharsets.UTF_8)))
                .subscribe(PREFIX + "." + operation);
        jetStream.flush(SOON);
    }

    private void ignore(String operation) throws Exception {
        jetStream.createDispatcher(request -> {}).subscribe(PREFIX + "." + operation);
        jetStream.flush(SOON);
    }
}
