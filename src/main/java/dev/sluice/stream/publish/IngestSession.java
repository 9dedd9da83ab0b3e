package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import dev.sluice.flow.SerialExecutor;
import dev.sluice.nats.LinkListener;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.StreamInfo;
import io.nats.client.Connection;
import io.nats.client.NUID;
import java.util.List;
import java.util.OptionalLong;

/**
 * One ingest: accepts its messages, sends them in batches, or one by one if the stream does not support batches, and
 * settles them in order. All work runs in tasks of its {@link SerialExecutor}. Tasks are submitted by the upstream
 * thread, the dispatcher of the answers, the ticker and the link; the submitting thread runs them unless another thread
 * does.
 */
final class IngestSession implements LinkListener, IngestBatches.Listener {
    private static final Checkpoint PASSED = new Checkpoint("", 0, OptionalLong.empty());

    private final SerialExecutor serial = new SerialExecutor(Runnable::run);
    private final IngestContext context;
    private StreamInfo stream;
    private final UnstoredMessages unstored;
    private final IngestBatches batches;
    private final String idPrefix = new NUID().next() + "-";
    private long taken;
    private long lastProgress;
    private boolean oneByOne;
    private boolean finishing;
    private boolean ended;

    IngestSession(IngestContext context, StreamInfo stream) {
        this.context = context;
        this.stream = stream;
        this.unstored = new UnstoredMessages(context.window());
        this.batches = new IngestBatches(context, stream.name(), unstored, this);
        this.oneByOne = !stream.batched();
    }

    /**
     * Returns whether {@code result} is to be emitted. One acknowledgement settles many messages; only the last of them
     * gets a checkpoint.
     */
    static boolean emitted(Checkpoint result) {
        return result.messages() > 0;
    }

    /**
     * Sends {@code message} in order. It is settled with its checkpoint, or with one that is not emitted (see
     * {@link #emitted}).
     */
    void submit(OutboundMessage message, Completion<Checkpoint> completion) {
        serial.execute(() -> take(message, completion));
    }

    /** Ends the input: the messages sent so far are committed. */
    void finish() {
        serial.execute(() -> {
            finishing = true;
            batches.send(true);
        });
    }

    /** Ends the ingest after the subscription has terminated. */
    void close() {
        serial.execute(this::end);
    }

    void tick() {
        serial.execute(this::runDueStep);
    }

    @Override
    public void up(Connection connection) {
        serial.execute(() -> {
            if (!ended) {
                batches.up(connection);
                batches.send(finishing);
            }
        });
    }

    @Override
    public void down() {
        serial.execute(batches::down);
    }

    @Override
    public void answered(BatchInbox from, BatchReply answer) {
        serial.execute(() -> {
            batches.answered(from, answer);
            batches.send(finishing);
        });
    }

    @Override
    public void streamInDoubt() {
        context.streamInfo(stream.name())
                .subscribe()
                .with(
                        found -> serial.execute(() -> found(found)),
                        failure -> serial.execute(() -> notFound((SluiceException) failure)));
    }

    @Override
    public void stored(long number, OptionalLong sequence) {
        long count = number - unstored.stored();
        if (count > 0) {
            lastProgress = System.nanoTime();
            context.counters().stored.add(count);
            context.left(count);
            Checkpoint checkpoint = new Checkpoint(stream.name(), number, sequence);
            unstored.storedUpTo(number, n -> n == number ? checkpoint : PASSED);
        }
    }

    @Override
    public void refused(long number, SluiceException refusal) {
        finishing = true;
        IngestMessage message = unstored.get(number);
        cut(number - 1);
        fail(message.completion(), refusal);
    }

    @Override
    public void noBatches() {
        oneByOne = true;
        long first = unstored.stored() + 1;
        List<IngestMessage> waiting = unstored.all();
        cut(first - 1);
        for (int i = 0; i < waiting.size(); i++) {
            sendAlone(first + i, waiting.get(i));
        }
    }

    private void take(OutboundMessage message, Completion<Checkpoint> completion) {
        if (ended || finishing) {
            return;
        }
        try {
            stream.requireStored(message.subject().value());
            IngestMessage next = IngestMessage.of(message, idPrefix + (taken + 1), completion);
            if (oneByOne) {
                sendAlone(++taken, next);
                return;
            }
            context.admit(next);
            if (unstored.empty()) {
                lastProgress = System.nanoTime();
            }
            taken++;
            unstored.add(next);
        } catch (SluiceException e) {
            finishing = true;
            fail(completion, e);
        }
        batches.send(finishing);
    }

    private void found(StreamInfo now) {
        stream = now;
        batches.streamIsThere();
        if (!ended && !now.batched()) {
            noBatches();
        }
        batches.send(finishing);
    }

    private void notFound(SluiceException failure) {
        if (failure.failure() == Failure.NO_STREAM && !unstored.empty()) {
            refused(unstored.stored() + 1, failure);
        } else {
            batches.streamIsAway(failure);
        }
    }

    private void sendAlone(long number, IngestMessage message) {
        context.single()
                .submit(
                        message.publication(),
                        PublishPipeline.WhileAway.WAIT,
                        new SingleCheckpoint(number, message.completion()));
    }

    /** Converts the receipt of a message that was sent alone to a checkpoint. */
    private record SingleCheckpoint(long number, Completion<Checkpoint> completion) implements Completion<Receipt> {
        @Override
        public void complete(Receipt receipt) {
            completion.complete(new Checkpoint(receipt.stream(), number, OptionalLong.of(receipt.sequence())));
        }

        @Override
        public void fail(Throwable failure) {
            completion.fail(failure);
        }
    }

    private void runDueStep() {
        if (ended || (unstored.empty() && batches.idle())) {
            return;
        }
        if (!unstored.empty() && System.nanoTime() - lastProgress >= context.deadline()) {
            refused(unstored.stored() + 1, batches.outcome());
            end();
        } else {
            batches.runDueStep();
            batches.send(finishing);
        }
    }

    private void fail(Completion<Checkpoint> completion, SluiceException failure) {
        context.counters().failed(failure.failure());
        completion.fail(failure);
    }

    private void cut(long number) {
        context.left(unstored.taken() - number);
        unstored.cut(number);
    }

    private void end() {
        if (!ended) {
            ended = true;
            cut(unstored.stored());
            batches.leave();
        }
    }
}
