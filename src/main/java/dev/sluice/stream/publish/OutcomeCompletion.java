package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;

/** Takes a refusal for an outcome, so that it does not end a stream. */
record OutcomeCompletion(Completion<PublishOutcome> completion) implements Completion<Receipt> {

    @Override
    public void complete(Receipt receipt) {
        completion.complete(new PublishOutcome.Stored(receipt));
    }

    @Override
    public void fail(Throwable failure) {
        if (failure instanceof SluiceException refusal) {
            completion.complete(new PublishOutcome.Refused(refusal));
        } else {
            completion.fail(failure);
        }
    }
}
