package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import java.util.function.Function;

/** Converts a refusal to an outcome, so that it does not fail the stream. */
record OutcomeCompletion<R>(Completion<R> completion, Function<PublishOutcome, R> result)
        implements Completion<Receipt> {

    @Override
    public void complete(Receipt receipt) {
        completion.complete(result.apply(new PublishOutcome.Stored(receipt)));
    }

    @Override
    public void fail(Throwable failure) {
        if (failure instanceof SluiceException refusal) {
            completion.complete(result.apply(new PublishOutcome.Refused(refusal)));
        } else {
            completion.fail(failure);
        }
    }
}
