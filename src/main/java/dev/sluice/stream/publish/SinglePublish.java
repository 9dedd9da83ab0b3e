package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import dev.sluice.flow.Permits;
import io.smallrye.mutiny.subscription.UniEmitter;

/** Passes the result of one publish to its subscriber and releases its permits. */
record SinglePublish(UniEmitter<? super Receipt> emitter, Permits publishes, Permits payload, int bytes)
        implements Completion<Receipt> {

    @Override
    public void complete(Receipt receipt) {
        giveBack();
        emitter.complete(receipt);
    }

    @Override
    public void fail(Throwable failure) {
        giveBack();
        emitter.fail(failure);
    }

    private void giveBack() {
        publishes.giveBack(1);
        payload.giveBack(bytes);
    }
}
