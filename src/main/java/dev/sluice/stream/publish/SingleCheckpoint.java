package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import java.util.OptionalLong;

/** Converts the receipt of a message that was sent alone to a checkpoint. */
record SingleCheckpoint(long number, Completion<Checkpoint> completion) implements Completion<Receipt> {

    @Override
    public void complete(Receipt receipt) {
        completion.complete(new Checkpoint(receipt.stream(), number, OptionalLong.of(receipt.sequence())));
    }

    @Override
    public void fail(Throwable failure) {
        completion.fail(failure);
    }
}
