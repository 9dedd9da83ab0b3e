package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.JetStreamErrors;
import io.nats.client.Connection;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sends the messages of one ingest in consecutive fast batches. Each batch begins with the first message that is not
 * certainly stored. The server skips the messages that an earlier batch has stored, because it knows their message ids.
 * Not thread-safe; {@link IngestSession} serializes the calls.
 */
final class IngestBatches {

    /** Receives the events of the batches. */
    interface Listener {

        /** Called with each answer, on the dispatcher's thread. The answer is passed to {@link IngestBatches#answered}. */
        void answered(BatchInbox from, BatchReply answer);

        /** Called when all messages up to {@code number} are stored, the last one at {@code sequence}, if known. */
        void stored(long number, OptionalLong sequence);

        /** Called when message {@code number} is refused. No later message may be sent. */
        void refused(long number, SluiceException refusal);

        /** Called when the stream or the server does not support batches. The remaining messages are sent one by one. */
        void noBatches();

        /** Called when the stream must be looked up. The result is passed to {@link IngestBatches}. */
        void streamInDoubt();
    }

    /** A batch in progress: its state and its control channel. */
    private record Running(FastBatch state, BatchInbox inbox) {

        /** Sends {@code message} as the next of the batch. */
        private void send(IngestMessage message, long now) {
            inbox.send(state.sent() + 1, message);
            state.sent(now);
        }

        /** Commits the batch if it is open. {@link FastBatch#due} handles a missing answer. */
        private void commit(long now) {
            if (state.open()) {
                inbox.commit(state.sent() + 1);
                state.ending(now);
            }
        }
    }

    private final IngestContext context;
    private final String stream;
    private final UnstoredMessages unstored;
    private final Listener listener;
    private final IngestRetryState retryState;
    private @Nullable Connection connection;
    private @Nullable Running batch;
    private boolean asking;
    private long sentOnce;

    IngestBatches(IngestContext context, String stream, UnstoredMessages unstored, Listener listener) {
        this.context = context;
        this.stream = stream;
        this.unstored = unstored;
        this.listener = listener;
        this.retryState = new IngestRetryState(context.backoff(), ThreadLocalRandom.current(), System.nanoTime());
    }

    void up(Connection now) {
        breakOff();
        connection = now;
    }

    void down() {
        connection = null;
    }

    boolean idle() {
        return batch == null;
    }

    /** Sends the messages that may be sent now. If {@code all}, commits the batch after the last message. */
    void send(boolean all) {
        long now = System.nanoTime();
        begin(now);
        Running current = batch;
        if (connection == null || current == null) {
            return;
        }
        FastBatch state = current.state();
        long next = state.message(state.sent() + 1);
        try {
            for (; state.maySend() && next <= unstored.taken(); next++) {
                current.send(unstored.get(next), now);
                count(next);
            }
            if (all && next > unstored.taken()) {
                current.commit(now);
            }
        } catch (IllegalStateException e) {
            // the connection is closed or full; the next tick retries
        } catch (IllegalArgumentException e) {
            refuse(current, next, Failure.INVALID.because("NATS cannot carry this message", e));
        } catch (SluiceException unsafe) {
            refuse(current, next, unsafe);
        }
    }

    /** Performs the action that is due after a timeout. */
    void runDueStep() {
        Running current = batch;
        if (connection == null || current == null) {
            return;
        }
        long now = System.nanoTime();
        switch (current.state().due(now, context.ackTimeout(), context.linger())) {
            case COMMIT -> current.commit(now);
            case GIVE_UP -> {
                retryState.silence();
                breakOff();
            }
            case NOTHING -> {}
        }
    }

    void answered(BatchInbox from, BatchReply answer) {
        Running current = batch;
        if (current == null || from != current.inbox()) {
            return;
        }
        FastBatch state = current.state();
        long now = System.nanoTime();
        if (answer instanceof BatchReply.Progress progress && state.progressed(progress, now)) {
            stored(state.stored(), 0);
        } else if (answer instanceof BatchReply.Ended end && end.count() <= state.sent()) {
            ended(state, end, now);
        } else if (answer instanceof BatchReply.StoredAlone alone
                && state.starting()
                && alone.stream().equals(stream)) {
            stored(state.message(1), alone.sequence());
            noBatches();
        } else if (answer instanceof BatchReply.Refused refused) {
            refused(current, state.message(refused.sequence()), refused.refusal(), now);
        } else if (answer instanceof BatchReply.NoResponders) {
            retry(Failure.UNAVAILABLE.because("No stream stores its subject now"), PublishErrors.Repeat.TWICE, now);
        } else if (answer instanceof BatchReply.Gap) {
            state.ending(now);
        } else {
            context.counters().unrecognized.increment();
        }
    }

    void streamIsThere() {
        asking = false;
        retryState.streamIsThere();
    }

    /** Records that the stream lookup failed; it is retried. */
    void streamIsAway(SluiceException refusal) {
        asking = false;
        retryState.refused(refusal, PublishErrors.Repeat.UNTIL_DEADLINE, System.nanoTime());
    }

    /** Abandons the batch and returns the failure after the deadline, see {@link IngestRetryState#outcome}. */
    SluiceException outcome() {
        breakOff();
        return retryState.outcome(unstored.stored());
    }

    /** Leaves the batch: sends a commit to the server and ignores further answers. */
    void leave() {
        Running current = batch;
        batch = null;
        if (current != null) {
            if (connection != null) {
                current.commit(System.nanoTime());
            }
            current.inbox().close();
        }
    }

    private void begin(long now) {
        Connection usable = connection;
        if (batch != null || usable == null || unstored.empty() || retryState.pausing(now)) {
            return;
        }
        if (retryState.streamInDoubt()) {
            if (!asking) {
                asking = true;
                listener.streamInDoubt();
            }
            return;
        }
        try {
            BatchInbox inbox = BatchInbox.open(usable, context.dispatcher(usable), context.flow(), listener::answered);
            batch = new Running(new FastBatch(unstored.stored(), context.flow()), inbox);
            context.counters().batches.increment();
        } catch (IllegalStateException e) {
            retryState.pause(now);
        }
    }

    private void count(long number) {
        PublishCounters counters = context.counters();
        (number > sentOnce ? counters.sent : counters.resent).increment();
        sentOnce = Math.max(sentOnce, number);
    }

    private void stored(long number, long sequence) {
        long known = Math.min(number, unstored.taken());
        if (known > unstored.stored()) {
            retryState.progress();
            listener.stored(known, sequence > 0 ? OptionalLong.of(sequence) : OptionalLong.empty());
        }
    }

    private void ended(FastBatch state, BatchReply.Ended end, long now) {
        stored(state.message(end.count()), end.sequence());
        if (end.count() < state.sent()) {
            breakOff();
        }
        if (end.count() == 0) {
            retryState.pause(now);
        }
        leave();
    }

    private void refused(Running current, long number, PublishReply.Refused refusal, long now) {
        if (refusal.errorCode() == JetStreamErrors.BATCH_PUBLISH_DISABLED) {
            noBatches();
        } else if (refusal.errorCode() == JetStreamErrors.BATCH_PUBLISH_UNKNOWN_BATCH_ID) {
            breakOff();
        } else {
            PublishErrors.Meaning meaning = PublishErrors.meaning(refusal);
            SluiceException failure = meaning.failure()
                    .because("The stream refused the message: " + PublishErrors.reason(refusal), refusal.errorCode());
            if (retryState.isFinal(meaning.repeat())) {
                refuse(current, number, failure);
            } else {
                retry(failure, meaning.repeat(), now);
            }
        }
    }

    private void refuse(Running current, long number, SluiceException failure) {
        if (number > unstored.stored() && number <= unstored.taken()) {
            listener.refused(number, failure);
            if (current.state().starting()) {
                leave();
            } else {
                current.commit(System.nanoTime());
            }
        }
    }

    private void retry(SluiceException refusal, PublishErrors.Repeat repeat, long now) {
        retryState.refused(refusal, repeat, now);
        leave();
    }

    private void noBatches() {
        leave();
        listener.noBatches();
    }

    /**
     * Abandons the batch. Messages that were sent and not acknowledged are in doubt; the next batch begins with them.
     */
    private void breakOff() {
        Running current = batch;
        if (current != null) {
            FastBatch state = current.state();
            retryState.unanswered(Math.min(state.message(state.sent()), unstored.taken()));
            context.counters().brokenBatches.increment();
            leave();
        }
    }
}
