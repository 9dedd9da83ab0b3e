package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.flow.Completion;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.SerializedHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One message in flight to a stream, with the results of its attempts so far. Times are {@link System#nanoTime()}. */
final class PendingPublish {

    /** The action that is due. */
    enum Step {
        NOTHING,
        SEND,
        SEND_AGAIN,
        /** Look up first whether a stream exists: sending again would not help, or would disturb a responder. */
        LOOK_UP
    }

    private static final int REFUSALS_UNTIL_FINAL = 3;

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
     * @param idPrefix prefix of the generated message id, if the message has none
     * @throws SluiceException {@code INVALID} if the headers cannot be sent
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
        this.ownMessageId = !message.headers().containsKey(NatsHeaders.MESSAGE_ID);
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

    /** Returns the headers of the message, without a generated message id. */
    Map<String, List<String>> fields() {
        return message.headers();
    }

    byte[] data() {
        return message.data();
    }

    Completion<Receipt> completion() {
        return completion;
    }

    /** Returns the size including headers, as counted by {@code max_payload} of the server. */
    int size() {
        return headers.serializedLength() + message.data().length;
    }

    /** Returns whether the message has a time to live, which servers before 2.11 ignore. */
    boolean expires() {
        return message.headers().containsKey(NatsHeaders.TTL);
    }

    /** Returns the nanoseconds since the message was submitted. */
    long age(long now) {
        return now - begun;
    }

    boolean expired(long now) {
        return now - deadline >= 0;
    }

    synchronized boolean due(long now) {
        return now - due >= 0;
    }

    /** Begins the action that is due, if any. The next action is due at {@code nextDue}. */
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

    /** Reverts the last attempt: the message was not sent. */
    synchronized void notSent(long nextDue) {
        attempts--;
        due = nextDue;
    }

    /** Returns whether it was sent to {@code to} once and not answered: if that was denied, nothing is stored. */
    synchronized boolean sentOnce(String to) {
        return attempts == 1 && answers == 0 && message.subject().equals(to);
    }

    /** Makes an unanswered publish due after a connection loss: its answer will not arrive. */
    synchronized void connectionLost(long now) {
        if (attempts > answers) {
            due = now;
        }
    }

    /**
     * Applies a refusal.
     *
     * @return whether it is final; if not, the next action is due after a pause
     */
    synchronized boolean refused(SluiceException refusal, PublishErrors.Repeat repeat, long now, Backoff backoff) {
        answers++;
        if (lastRefusal == null || refusal.failure() != Failure.NO_STREAM) {
            lastRefusal = refusal;
        }
        int failures = repeat == PublishErrors.Repeat.TWICE ? 1 : answers;
        due = now + backoff.jittered(failures, ThreadLocalRandom.current()).toNanos();
        if (repeat != PublishErrors.Repeat.TWICE) {
            doubtful = 0;
            return repeat == PublishErrors.Repeat.NEVER;
        }
        doubtful++;
        if (doubtful < REFUSALS_UNTIL_FINAL) {
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

    /**
     * Returns the last refusal if the stream was full, for an answer that the message is in process. Before version 2.12 the
     * leader of a replicated stream keeps the id of a message that it has refused so, and answers the next attempt in this way:
     * nothing has changed. Empty if another attempt has no answer yet: the message can really be in process.
     */
    synchronized Optional<SluiceException> full() {
        return Optional.ofNullable(lastRefusal)
                .filter(Failure.STREAM_FULL::matches)
                .filter(last -> attempts == answers + 1);
    }

    /** Applies an answer from a responder that is not a stream. The lookup of the stream is due at {@code nextDue}. */
    synchronized void answeredByAnother(long nextDue) {
        if (!streamInDoubt) {
            streamInDoubt = true;
            due = nextDue;
        }
    }

    /** Resumes the attempts. {@code refusal} is the failure to report if the stream does not answer in time. */
    synchronized void streamMayAnswer(SluiceException refusal, long nextDue) {
        streamInDoubt = false;
        doubtful = 0;
        lastRefusal = refusal;
        due = nextDue;
    }

    /**
     * Returns the receipt for the caller. A duplicate under a generated id only means that an earlier attempt was
     * stored, so it is not reported as a duplicate.
     */
    Receipt receipt(Receipt received) {
        return received.duplicate() && ownMessageId
                ? new Receipt(received.stream(), received.sequence(), false)
                : received;
    }

    SluiceException noStream() {
        return Failure.NO_STREAM
                .because("No stream stores the subject " + message.subject())
                .onSubject(message.subject());
    }

    /**
     * Returns {@code refusal} if no earlier attempt can have been stored, else {@code OUTCOME_UNKNOWN}. For a refusal that
     * does not depend on whether the message is already stored.
     */
    synchronized SluiceException unresolved(SluiceException refusal) {
        return attempts > answers ? outcome() : refusal;
    }

    /** Returns the failure after the deadline: {@code OUTCOME_UNKNOWN} if an attempt has no answer. */
    synchronized SluiceException outcome() {
        if (attempts == 0) {
            return Failure.UNAVAILABLE.because("NATS could not be reached in time; the message was not sent");
        }
        SluiceException refusal = lastRefusal;
        if (attempts > answers || refusal == null) {
            return Failure.OUTCOME_UNKNOWN.because("No answer in time: the write may or may not be stored" + advice());
        }
        return refusal;
    }

    /** Only a caller that has given the message id can give it again. */
    private String advice() {
        if (ownMessageId) {
            return "";
        }
        boolean compared = message.headers().keySet().stream().anyMatch(name -> name.startsWith("Nats-Expected-Last-"));
        return ". Publishing it again under the same " + NatsHeaders.MESSAGE_ID + " stores it once"
                + (compared ? "; if it is stored, the answer can be that the expected sequence is wrong" : "");
    }
}
