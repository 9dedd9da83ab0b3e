package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import java.util.OptionalLong;

/** Takes the receipt of a message that went alone for a checkpoint. */
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
