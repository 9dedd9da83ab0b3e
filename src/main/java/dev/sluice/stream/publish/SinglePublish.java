package dev.sluice.stream.publish;

import dev.sluice.flow.Completion;
import dev.sluice.flow.Permits;
import io.smallrye.mutiny.subscription.UniEmitter;

/** Tells the subscriber of one publish, and frees its place in the window. */
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
