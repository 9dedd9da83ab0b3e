package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.nats.NatsHeaders;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The failures of an ingest since its last progress: determines when it may try again, and the failure to report if it
 * never succeeds. Times are {@link System#nanoTime()}. Not thread-safe.
 */
final class IngestRetryState {
    private static final int REFUSALS_UNTIL_FINAL = 3;

    private final Backoff backoff;
    private final RandomGenerator random;
    private @Nullable SluiceException lastRefusal;
    private boolean streamInDoubt;
    private int refusals;
    private long unanswered;
    private long notBefore;

    IngestRetryState(Backoff backoff, RandomGenerator random, long now) {
        this.backoff = backoff;
        this.random = random;
        this.notBefore = now;
    }

    /** Returns whether a pause is in progress. */
    boolean pausing(long now) {
        return now - notBefore < 0;
    }

    /** Returns whether the stream must be looked up before anything is sent to it. */
    boolean streamInDoubt() {
        return streamInDoubt;
    }

    void streamIsThere() {
        streamInDoubt = false;
    }

    void progress() {
        refusals = 0;
        lastRefusal = null;
    }

    /** Returns whether a refusal of this kind is final. */
    boolean isFinal(PublishErrors.Repeat repeat) {
        return switch (repeat) {
            case NEVER -> true;
            case TWICE -> refusals + 1 >= REFUSALS_UNTIL_FINAL;
            case UNTIL_DEADLINE -> false;
        };
    }

    /** Records a temporary refusal: a pause begins, and the stream is looked up after it. */
    void refused(SluiceException refusal, PublishErrors.Repeat repeat, long now) {
        refusals++;
        lastRefusal = refusal;
        streamInDoubt = true;
        notBefore = now + delay(repeat).toNanos();
    }

    void pause(long now) {
        notBefore = now + backoff.first().toNanos();
    }

    /** Records that no answer arrived in time. */
    void silence() {
        streamInDoubt = true;
    }

    /** Records that the messages sent up to {@code number} may or may not be stored. */
    void unanswered(long number) {
        unanswered = Math.max(unanswered, number);
    }

    /** Returns the failure to report when the deadline has passed and {@code stored} messages are certainly stored. */
    SluiceException outcome(long stored) {
        if (unanswered > stored) {
            return Failure.OUTCOME_UNKNOWN.because("No answer in time: what follows message " + stored
                    + " may or may not be stored. Loading it again under the same " + NatsHeaders.MESSAGE_ID
                    + " stores it once");
        }
        SluiceException refusal = lastRefusal;
        return refusal == null
                ? Failure.UNAVAILABLE.because(
                        "NATS could not be reached in time; nothing after message " + stored + " was sent")
                : refusal;
    }

    /** A retry for missing responders (ADR-22) does not back off. */
    private Duration delay(PublishErrors.Repeat repeat) {
        return backoff.jittered(repeat == PublishErrors.Repeat.TWICE ? 1 : refusals, random);
    }
}
