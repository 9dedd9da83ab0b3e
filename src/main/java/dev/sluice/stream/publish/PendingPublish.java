package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One message on its way to a stream, with what its attempts so far have shown. Times are {@link System#nanoTime()}. */
final class PendingPublish {

    /** What is to be done for it now. */
    enum Step {
        NOTHING,
        SEND,
        SEND_AGAIN,
        /** Sending again would not help, or would bother a responder: first find out whether there is a stream. */
        LOOK_UP
    }

    private static final int REFUSALS_BELIEVED = 3;

    private final long number;
    private final Publication message;
    private final boolean ownMessageId;
    private final SerializedHeaders headers;
    private final Completion<Receipt> completion;
    private final long begun;
    private final long deadline;
    private long due;
    private int attempts;
    private int answers;
    private int doubtful;
    private boolean streamInDoubt;
    private @Nullable SluiceException lastRefusal;

    /**
     * @param idPrefix begins the message id, where the message has none
     * @throws SluiceException {@code INVALID} if its headers cannot be sent
     */
    PendingPublish(
            long number,
            Publication message,
            String idPrefix,
            Completion<Receipt> completion,
            long now,
            long deadline) {
        this.number = number;
        this.message = message;
        this.ownMessageId = !message.headers().containsKey(SerializedHeaders.MESSAGE_ID);
        this.headers = SerializedHeaders.of(message.headers(), ownMessageId ? idPrefix + number : null);
        this.completion = completion;
        this.begun = now;
        this.due = now;
        this.deadline = deadline;
    }

    long number() {
        return number;
    }

    String subject() {
        return message.subject();
    }

    SerializedHeaders headers() {
        return headers;
    }

    byte[] data() {
        return message.data();
    }

    Completion<Receipt> completion() {
        return completion;
    }

    /** With headers, as the server's {@code max_payload} counts. */
    int size() {
        return headers.serializedLength() + message.data().length;
    }

    /** Nanoseconds since it was handed to us. */
    long age(long now) {
        return now - begun;
    }

    boolean expired(long now) {
        return now - deadline >= 0;
    }

    synchronized boolean due(long now) {
        return now - due >= 0;
    }

    /** Begins what is due, if anything is; the next thing is due at {@code nextDue}. */
    synchronized Step begin(long now, long nextDue) {
        if (now - due < 0) {
            return Step.NOTHING;
        }
        due = nextDue;
        if (streamInDoubt) {
            return Step.LOOK_UP;
        }
        return attempts++ == 0 ? Step.SEND : Step.SEND_AGAIN;
    }

    /** The attempt that was begun last never left. */
    synchronized void notSent(long nextDue) {
        attempts--;
        due = nextDue;
    }

    /** Whether it was sent to {@code to} once and no more, without an answer: if that was denied, nothing is stored. */
    synchronized boolean sentOnce(String to) {
        return attempts == 1 && answers == 0 && message.subject().equals(to);
    }

    /** The connection was lost: an answer that is missing now will not come. */
    synchronized void lostTouch(long now) {
        if (attempts > answers) {
            due = now;
        }
    }

    /**
     * Takes in a refusal.
     *
     * @return whether it is final; if not, something else is due after a pause
     */
    synchronized boolean refused(SluiceException refusal, PublishErrors.Repeat repeat, long now, Backoff backoff) {
        answers++;
        if (lastRefusal == null || refusal.failure() != Failure.NO_STREAM) {
            lastRefusal = refusal;
        }
        due = now + backoff.nanos(repeat, answers, ThreadLocalRandom.current());
        if (repeat != PublishErrors.Repeat.TWICE) {
            doubtful = 0;
            return repeat == PublishErrors.Repeat.NEVER;
        }
        doubtful++;
        if (doubtful < REFUSALS_BELIEVED) {
            return false;
        }
        if (refusal.failure() != Failure.NO_STREAM) {
            return true;
        }
        if (attempts == answers) {
            streamInDoubt = true;
            due = now;
        }
        return false;
    }

    /** Somebody answered who is no stream; whether there is a stream as well is to be found out at {@code nextDue}. */
    synchronized void answeredByAnother(long nextDue) {
        if (!streamInDoubt) {
            streamInDoubt = true;
            due = nextDue;
        }
    }

    /** There may be a stream after all: {@code refusal} is what to say if it does not answer in time. */
    synchronized void streamMayAnswer(SluiceException refusal, long nextDue) {
        streamInDoubt = false;
        doubtful = 0;
        lastRefusal = refusal;
        due = nextDue;
    }

    /**
     * The receipt as its caller may have it: a duplicate under an id that nobody else can have used only means that an
     * earlier attempt was stored.
     */
    Receipt receipt(Receipt told) {
        return told.duplicate() && ownMessageId ? new Receipt(told.stream(), told.sequence(), false) : told;
    }

    SluiceException noStream() {
        return Failure.NO_STREAM.because("No stream stores the subject " + message.subject());
    }

    /** What to say when it cannot be found out whether there is a stream: {@code refusal} only if nothing can be stored. */
    synchronized SluiceException unresolved(SluiceException refusal) {
        return attempts > answers ? outcome() : refusal;
    }

    /** What to say when the deadline has passed: no more than is known. */
    synchronized SluiceException outcome() {
        if (attempts == 0) {
            return Failure.UNAVAILABLE.because("NATS could not be reached in time; the message was not sent");
        }
        SluiceException refusal = lastRefusal;
        if (attempts > answers || refusal == null) {
            return Failure.OUTCOME_UNKNOWN.because(
                    "No answer in time: the message may or may not be stored. Publishing it again under the same "
                            + SerializedHeaders.MESSAGE_ID + " stores it once");
        }
        return refusal;
    }
}
