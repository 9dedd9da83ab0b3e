package dev.sluice.flow;

import io.smallrye.mutiny.subscription.UniEmitter;

/**
 * Receives the result of an asynchronous operation. The first call settles it; later calls have no effect.
 *
 * @param <R> type of the result
 */
public interface Completion<R> {

    void complete(R result);

    void fail(Throwable failure);

    /** Returns a completion that passes the result to {@code emitter}. */
    static <R> Completion<R> of(UniEmitter<? super R> emitter) {
        return new Completion<>() {
            @Override
            public void complete(R result) {
                emitter.complete(result);
            }

            @Override
            public void fail(Throwable failure) {
                emitter.fail(failure);
            }
        };
    }
}
