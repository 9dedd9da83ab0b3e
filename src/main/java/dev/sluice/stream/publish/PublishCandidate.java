package dev.sluice.stream.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import dev.sluice.nats.OutboundMessage;
import java.util.function.Function;

/**
 * The result of converting an item to a message: the message, or the reason why there is none.
 *
 * @param <R> type of the result emitted for the outcome
 */
sealed interface PublishCandidate<R> {

    Function<PublishOutcome, R> result();

    long bytes();

    /** Returns a completion that emits the result for the outcome: a refusal does not fail the stream. */
    default Completion<Receipt> outcome(Completion<R> completion) {
        return new OutcomeCompletion<>(completion, result());
    }

    record Accepted<R>(OutboundMessage message, Function<PublishOutcome, R> result) implements PublishCandidate<R> {
        @Override
        public long bytes() {
            return message.size();
        }
    }

    record Rejected<R>(SluiceException cause, Function<PublishOutcome, R> result) implements PublishCandidate<R> {
        @Override
        public long bytes() {
            return 0;
        }
    }

    static <T, R> PublishCandidate<R> of(
            T item,
            Function<? super T, OutboundMessage> message,
            Function<? super T, Function<PublishOutcome, R>> result) {
        Function<PublishOutcome, R> itsResult = result.apply(item);
        try {
            return new Accepted<>(message.apply(item), itsResult);
        } catch (SluiceException e) {
            return new Rejected<>(e, itsResult);
        }
    }

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
}
