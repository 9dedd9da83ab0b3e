package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.flow.Completion;
import dev.sluice.stream.publish.PendingPublish.Step;
import dev.sluice.stream.publish.PublishErrors.Repeat;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests when a message is sent again and which final outcome is reported. */
class PendingPublishTest {
    private static final long ACK_TIMEOUT = 2_000;
    private static final Backoff NO_PAUSE = new Backoff(Duration.ZERO, Duration.ZERO);
    private static final SluiceException NO_STREAM = Failure.NO_STREAM.because("none");
    private static final SluiceException AWAY = Failure.UNAVAILABLE.because("leaderless", 10008);

    private final PendingPublish publish = pending(Map.of());
    private long now;

    @Test
    void isSentOnceWithinTheAckTimeout() {
        assertThat(step()).isEqualTo(Step.SEND);
        assertThat(step()).isEqualTo(Step.NOTHING);
    }

    @Test
    void isSentAgainAfterTheAckTimeout() {
        step();
        now += ACK_TIMEOUT;

        assertThat(step()).isEqualTo(Step.SEND_AGAIN);
    }

    @Test
    void isSentAgainAtOnceWhenTheConnectionWasLost() {
        step();
        publish.connectionLost(now);

        assertThat(step()).isEqualTo(Step.SEND_AGAIN);
    }

    @Test
    void isUnavailableIfItWasNeverSent() {
        step();
        publish.notSent(now + 1);

        assertThat(publish.outcome().failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void isUnknownIfAnAttemptHasNoAnswer() {
        step();

        assertThat(publish.outcome().failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
    }

    @Test
    void advisesToRepeatItOnlyWithAnIdThatTheCallerKnows() {
        PendingPublish identified = pending(Map.of("Nats-Msg-Id", "A-17"));
        identified.begin(now, now + ACK_TIMEOUT);
        step();

        assertThat(identified.outcome()).hasMessageContaining("Nats-Msg-Id");
        assertThat(publish.outcome())
                .hasMessageContaining("may or may not be stored")
                .hasMessageNotContaining("Nats-Msg-Id");
    }

    @Test
    void failsWithTheLastRejectionIfEveryAttemptWasRejected() {
        step();
        publish.refused(AWAY, Repeat.UNTIL_DEADLINE, now, NO_PAUSE);

        assertThat(publish.outcome()).isSameAs(AWAY);
    }

    @Test
    void isUnknownIfOneOfTwoAttemptsHasNoAnswer() {
        step();
        publish.connectionLost(now);
        step();
        publish.refused(AWAY, Repeat.UNTIL_DEADLINE, now, NO_PAUSE);

        assertThat(publish.outcome().failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
    }

    @Test
    void looksForTheStreamAfterTheThirdAttemptWithoutResponders() {
        for (int i = 0; i < 3; i++) {
            step();
            assertThat(publish.refused(NO_STREAM, Repeat.TWICE, now, NO_PAUSE)).isFalse();
        }

        assertThat(step()).isEqualTo(Step.LOOK_UP);
    }

    @Test
    void isUnavailableIfTheStreamExistsAndDoesNotAnswer() {
        step();
        publish.refused(NO_STREAM, Repeat.TWICE, now, NO_PAUSE);
        publish.streamMayAnswer(AWAY, now);
        step();
        publish.refused(NO_STREAM, Repeat.TWICE, now, NO_PAUSE);

        assertThat(publish.outcome()).isSameAs(AWAY);
    }

    @Test
    void doesNotReportAMissingStreamWhileAnAttemptMayBeStored() {
        step();
        publish.connectionLost(now);
        for (int i = 0; i < 3; i++) {
            step();
            publish.refused(NO_STREAM, Repeat.TWICE, now, NO_PAUSE);
        }

        assertThat(step()).isEqualTo(Step.SEND_AGAIN);
        assertThat(publish.outcome().failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
    }

    @Test
    void isUnknownIfARefusalThatIgnoresTheMessageIdFollowsAnUnansweredAttempt() {
        SluiceException full = Failure.STREAM_FULL.because("no space in the account", 10002);
        step();
        publish.connectionLost(now);
        step();
        publish.refused(full, Repeat.NEVER, now, NO_PAUSE);

        assertThat(publish.unresolved(full).failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
    }

    @Test
    void isRefusedIfEveryAttemptWasAnswered() {
        SluiceException full = Failure.STREAM_FULL.because("no space in the account", 10002);
        step();
        publish.refused(full, Repeat.NEVER, now, NO_PAUSE);

        assertThat(publish.unresolved(full)).isSameAs(full);
    }

    @Test
    void advisesToRepeatAConditionalPublishAndToExpectItsRefusal() {
        PendingPublish conditional = pending(Map.of("Nats-Msg-Id", "mine", "Nats-Expected-Last-Subject-Sequence", "4"));
        conditional.begin(now, now);

        assertThat(conditional.outcome())
                .hasMessageEndingWith(
                        "stores it once; if it is stored, the answer can be that the expected sequence is wrong");
    }

    @Test
    void acceptsTheThirdDoubtfulRejection() {
        SluiceException full = Failure.STREAM_FULL.because("full", 10077);
        step();

        assertThat(publish.refused(full, Repeat.TWICE, now, NO_PAUSE)).isFalse();
        assertThat(publish.refused(full, Repeat.TWICE, now, NO_PAUSE)).isFalse();
        assertThat(publish.refused(full, Repeat.TWICE, now, NO_PAUSE)).isTrue();
    }

    @Test
    void knowsThatTheStreamWasFull() {
        SluiceException full = Failure.STREAM_FULL.because("full", 10077);
        step();
        publish.refused(full, Repeat.TWICE, now, NO_PAUSE);
        step();

        assertThat(publish.full()).containsSame(full);
    }

    @Test
    void canBeInProcessIfAnAttemptAfterAFullStreamHasNoAnswer() {
        step();
        publish.refused(Failure.STREAM_FULL.because("full", 10077), Repeat.TWICE, now, NO_PAUSE);
        step();
        publish.connectionLost(now);
        step();

        assertThat(publish.full()).isEmpty();
    }

    @Test
    void doesNotTakeAnotherRefusalForAFullStream() {
        step();
        publish.refused(AWAY, Repeat.UNTIL_DEADLINE, now, NO_PAUSE);
        step();

        assertThat(publish.full()).isEmpty();
    }

    @Test
    void isSentToAResponderOnlyOnce() {
        step();
        publish.answeredByAnother(now);

        assertThat(step()).isEqualTo(Step.LOOK_UP);
    }

    @Test
    void doesNotReportItsOwnEarlierAttemptAsADuplicate() {
        assertThat(publish.receipt(new Receipt("ORDERS", 7, true))).isEqualTo(new Receipt("ORDERS", 7, false));
    }

    @Test
    void reportsADuplicateOfTheCallersMessageId() {
        Receipt duplicate = new Receipt("ORDERS", 7, true);

        assertThat(pending(Map.of("Nats-Msg-Id", "A-17")).receipt(duplicate)).isEqualTo(duplicate);
    }

    private Step step() {
        return publish.begin(now, now + ACK_TIMEOUT);
    }

    private static PendingPublish pending(Map<String, String> headers) {
        return new PendingPublish(
                1, Publication.of(message("orders.created", "x", headers)), "N-", new Ignored(), 0, 5_000);
    }

    private record Ignored() implements Completion<Receipt> {
        @Override
        public void complete(Receipt receipt) {}

        @Override
        public void fail(Throwable failure) {}
    }
}
