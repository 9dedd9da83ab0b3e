package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One message on its way to a stream, with what its attempts so far have shown. Times are {@link System#nanoTime()}. */
final class PendingPublish {
    private static final int REFUSALS_BELIEVED = 3;

    private final long number;
    private final String subject;
    private final SerializedHeaders headers;
    private final byte[] data;
    private final boolean ownMessageId;
    private final Completion<Receipt> completion;
    private final long deadline;
    private long due;
    private int attempts;
    private int answers;
    private int doubtful;
    private @Nullable SluiceException lastRefusal;

    /**
     * @param ownMessageId whether the message id is Sluice's own, so that nobody else can have used it
     */
    PendingPublish(
            long number,
            String subject,
            SerializedHeaders headers,
            byte[] data,
            boolean ownMessageId,
            Completion<Receipt> completion,
            long now,
            long deadline) {
        this.number = number;
        this.subject = subject;
        this.headers = headers;
        this.data = data;
        this.ownMessageId = ownMessageId;
        this.completion = completion;
        this.due = now;
        this.deadline = deadline;
    }

    long number() {
        return number;
    }

    String subject() {
        return subject;
    }

    SerializedHeaders headers() {
        return headers;
    }

    byte[] data() {
        return data;
    }

    Completion<Receipt> completion() {
        return completion;
    }

    /** With headers, as the server's {@code max_payload} counts. */
    int size() {
        return headers.serializedLength() + data.length;
    }

    boolean expired(long now) {
        return now - deadline >= 0;
    }

    synchronized boolean due(long now) {
        return now - due >= 0;
    }

    /** Begins an attempt, if one is due: how many there were before, or -1. */
    synchronized int begin(long now, long nextDue) {
        if (now - due < 0) {
            return -1;
        }
        due = nextDue;
        return attempts++;
    }

    /** The attempt that was begun last never left. */
    synchronized void notSent(long nextDue) {
        attempts--;
        due = nextDue;
    }

    /** The connection was replaced: an answer that is missing now will not come. */
    synchronized void lostTouch(long now) {
        if (attempts > answers) {
            due = now;
        }
    }

    /**
     * Takes in a refusal.
     *
     * @return whether it is final; if not, another attempt is due after a pause
     */
    synchronized boolean refused(SluiceException refusal, PublishErrors.Repeat repeat, long now, Backoff backoff) {
        answers++;
        lastRefusal = refusal;
        doubtful = repeat == PublishErrors.Repeat.TWICE ? doubtful + 1 : 0;
        boolean last = repeat == PublishErrors.Repeat.NEVER || doubtful >= REFUSALS_BELIEVED;
        boolean maybeStored = refusal.failure() == Failure.NO_STREAM && attempts > answers;
        due = now + backoff.nanos(repeat, answers, ThreadLocalRandom.current());
        return last && !maybeStored;
    }

    /** Whether a receipt that says duplicate only means that an earlier attempt of this publish was stored. */
    synchronized Receipt receipt(Receipt told) {
        return told.duplicate() && ownMessageId && attempts > 1
                ? new Receipt(told.stream(), told.sequence(), false)
                : told;
    }

    /** What to say when the deadline has passed: no more than is known. */
    synchronized SluiceException outcome() {
        if (attempts == 0) {
            return Failure.UNAVAILABLE.because("NATS could not be reached in time; the message was not sent");
        }
        SluiceException refusal = lastRefusal;
        if (attempts > answers || refusal == null) {
            return Failure.OUTCOME_UNKNOWN.because(
                    "No answer in time; the message may or may not be stored, and publishing it again under the same "
                            + SerializedHeaders.MESSAGE_ID + " is safe");
        }
        return refusal;
    }
}
