package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static dev.sluice.stream.publish.TestPublishing.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Dispatcher;
import io.nats.client.api.DiscardPolicy;
import io.smallrye.mutiny.Multi;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Publishes single messages to streams and tests the receipt and each kind of rejection. */
@TestInstance(Lifecycle.PER_CLASS)
class StoredPublishIT {
    private static final String NO_ROOM =
            "{\"error\":{\"code\":503,\"err_code\":10077,\"description\":\"maximum messages exceeded\"},\"stream\":\"KEPT\",\"seq\":0}";
    private static final String IN_PROCESS = "{\"stream\":\"KEPT\", \"seq\":0,\"duplicate\": true}";

    private final NatsServer server = NatsServer.started("max_payload: 65536");
    private final TestPublishing nats = new TestPublishing(server, Map.of());

    @BeforeAll
    void createStreams() {
        nats.create(stream("ORDERS", "orders.>"));
        nats.create(stream("FULL", "full.>").maxMessages(1).discardPolicy(DiscardPolicy.New));
        nats.create(stream("SMALL", "small.>").maximumMessageSize(10));
    }

    @AfterAll
    void close() {
        nats.close();
        server.close();
    }

    @Test
    void returnsTheStreamAndSequence() {
        long last = nats.info("ORDERS").getStreamState().getLastSequence();

        Receipt receipt = publish(message("orders.created", "{}"));

        assertThat(receipt).isEqualTo(new Receipt("ORDERS", last + 1, false));
    }

    @Test
    void returnsTheFirstSequenceOfADuplicate() {
        OutboundMessage message = message("orders.created", "once", Map.of("Nats-Msg-Id", "A-17"));
        Receipt first = publish(message);

        Receipt second = publish(message);

        assertThat(second).isEqualTo(new Receipt("ORDERS", first.sequence(), true));
    }

    @Test
    void reportsThatNoStreamStoresTheSubject() {
        SluiceException refusal = refusal(message("nobody.stores.this", "x"));

        assertThat(refusal.failure()).isEqualTo(Failure.NO_STREAM);
    }

    @Test
    void reportsAWrongExpectedSequence() {
        SluiceException refusal =
                refusal(message("orders.created", "x", Map.of("Nats-Expected-Last-Sequence", "4711")));

        assertThat(refusal.failure()).isEqualTo(Failure.WRONG_SEQUENCE);
        assertThat(refusal.natsErrorCode()).hasValue(10071);
    }

    @Test
    void rejectsAnOversizedMessageBeforeItIsSent() {
        long sent = nats.publisher.counters().sent();

        SluiceException refusal = refusal(message("orders.created", "x".repeat(65_536)));

        assertThat(refusal.failure()).isEqualTo(Failure.TOO_LARGE);
        assertThat(refusal).hasMessageContaining("65536");
        assertThat(nats.publisher.counters().sent()).isEqualTo(sent);
    }

    @Test
    void reportsAMessageTooLargeForTheStream() {
        SluiceException refusal = refusal(message("small.one", "x".repeat(1000)));

        assertThat(refusal.failure()).isEqualTo(Failure.TOO_LARGE);
        assertThat(refusal.natsErrorCode()).hasValue(10054);
    }

    @Test
    void reportsAFullStream() {
        publish(message("full.one", "1"));

        SluiceException refusal = refusal(message("full.one", "2"));

        assertThat(refusal.failure()).isEqualTo(Failure.STREAM_FULL);
        assertThat(refusal.natsErrorCode()).hasValue(10077);
    }

    /** As the leader of a replicated stream does before version 2.11. */
    @Test
    void reportsAFullStreamWhoseLeaderKeepsTheIdOfTheMessage() {
        Queue<String> answers = new ConcurrentLinkedQueue<>(List.of(NO_ROOM));
        answer("kept.full", () -> Objects.requireNonNullElse(answers.poll(), IN_PROCESS));

        SluiceException refusal = refusal(message("kept.full", "x"));

        assertThat(refusal.failure()).isEqualTo(Failure.STREAM_FULL);
        assertThat(refusal.natsErrorCode()).hasValue(10077);
    }

    @Test
    void storesAMessageWhoseRefusalWasOnlyTemporary() {
        Queue<String> answers = new ConcurrentLinkedQueue<>(List.of(NO_ROOM, IN_PROCESS));
        answer("kept.stored", () -> Objects.requireNonNullElse(answers.poll(), "{\"stream\":\"KEPT\",\"seq\":7}"));

        assertThat(publish(message("kept.stored", "x"))).isEqualTo(new Receipt("KEPT", 7, false));
    }

    @Test
    void reportsAMessageIdThatStaysInProcess() {
        answer("kept.id", () -> IN_PROCESS);

        SluiceException refusal = refusal(message("kept.id", "x", Map.of("Nats-Msg-Id", "A-18")));

        assertThat(refusal.failure()).isEqualTo(Failure.IN_PROCESS);
        assertThat(refusal.natsErrorCode()).hasValue(10158);
    }

    @Test
    void doesNotAcceptAnAnswerOfAnotherResponderAsAReceipt() {
        answer("orders.asked", () -> "{\"price\":1}");

        Receipt receipt = publish(message("orders.asked", "x"));

        assertThat(receipt.stream()).isEqualTo("ORDERS");
    }

    @Test
    void reportsThatNoStreamStoresTheSubjectOfAResponder() {
        answer("pricing.lookup", () -> "{\"seq\":1}");

        SluiceException refusal = refusal(message("pricing.lookup", "x"));

        assertThat(refusal.failure()).isEqualTo(Failure.NO_STREAM);
        assertThat(nats.publisher.counters().unrecognized()).isPositive();
    }

    @Test
    void aRefusedMessageDoesNotEndAStreamOfOutcomes() {
        List<PublishOutcome> outcomes = nats.publisher
                .publishEach(
                        Multi.createFrom().items("orders.a", "bad..subject", "orders.c"),
                        subject -> message(subject, "x"),
                        subject -> outcome -> outcome)
                .collect()
                .asList()
                .await()
                .atMost(Timeouts.LIMIT);

        assertThat(outcomes)
                .satisfiesExactly(
                        first -> assertThat(first).isInstanceOf(PublishOutcome.Stored.class),
                        second -> assertThat(second)
                                .isInstanceOfSatisfying(PublishOutcome.Refused.class, refused -> assertThat(
                                                refused.cause().failure())
                                        .isEqualTo(Failure.BAD_SUBJECT)),
                        third -> assertThat(third).isInstanceOf(PublishOutcome.Stored.class));
    }

    private void answer(String subject, Supplier<String> answers) {
        Dispatcher responder = nats.observer.createDispatcher(request ->
                nats.observer.publish(request.getReplyTo(), answers.get().getBytes(StandardCharsets.UTF_8)));
        responder.subscribe(subject);
        nats.flush();
    }

    private Receipt publish(OutboundMessage message) {
        return nats.publisher.publish(message).await().atMost(Timeouts.LIMIT);
    }

    private SluiceException refusal(OutboundMessage message) {
        return catchThrowableOfType(SluiceException.class, () -> publish(message));
    }
}
