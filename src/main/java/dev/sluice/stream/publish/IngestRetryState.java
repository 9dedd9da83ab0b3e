package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What has kept an ingest from going on since its last progress: when it may try again, and what to say if it never
 * succeeds. Times are {@link System#nanoTime()}. Not thread-safe.
 */
final class IngestRetryState {
    private static final int REFUSALS_BELIEVED = 3;

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

    /** Whether a pause is not over yet. */
    boolean pausing(long now) {
        return now - notBefore < 0;
    }

    /** Whether to look at the stream before anything is sent to it. */
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

    /** Whether a refusal of this kind is final. */
    boolean believes(PublishErrors.Repeat repeat) {
        return switch (repeat) {
            case NEVER -> true;
            case TWICE -> refusals + 1 >= REFUSALS_BELIEVED;
            case UNTIL_DEADLINE -> false;
        };
    }

    /** A refusal that may pass: there is a pause now, and then a look at the stream. */
    void refused(SluiceException refusal, PublishErrors.Repeat repeat, long now) {
        refusals++;
        lastRefusal = refusal;
        streamInDoubt = true;
        notBefore = now + backoff.nanos(repeat, refusals, random);
    }

    void pause(long now) {
        notBefore = now + backoff.first().toNanos();
    }

    /** No answer came in time. */
    void silence() {
        streamInDoubt = true;
    }

    /** What was sent up to message {@code number} may be stored, or not. */
    void unanswered(long number) {
        unanswered = Math.max(unanswered, number);
    }

    /** What to say when the deadline has passed and {@code stored} messages are stored for certain. */
    SluiceException outcome(long stored) {
        if (unanswered > stored) {
            return Failure.OUTCOME_UNKNOWN.because("No answer in time: what follows message " + stored
                    + " may or may not be stored. Loading it again under the same " + SerializedHeaders.MESSAGE_ID
                    + " stores it once");
        }
        SluiceException refusal = lastRefusal;
        return refusal == null
                ? Failure.UNAVAILABLE.because(
                        "NATS could not be reached in time; nothing after message " + stored + " was sent")
                : refusal;
    }
}
