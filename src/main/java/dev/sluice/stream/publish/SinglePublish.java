package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import dev.sluice.flow.Permits;

/** Passes on the result of one publish and releases its permits. */
record SinglePublish(Completion<Receipt> completion, Permits publishes, Permits payload, int bytes)
        implements Completion<Receipt> {

    @Override
    public void complete(Receipt receipt) {
        giveBack();
        completion.complete(receipt);
    }

    @Override
    public void fail(Throwable failure) {
        giveBack();
        completion.fail(failure);
    }

    private void giveBack() {
        publishes.giveBack(1);
        payload.giveBack(bytes);
    }
}
