package dev.sluice.flow;

/**
 * Receives the result of an asynchronous operation. The first call settles it; later calls have no effect.
 *
 * @param <R> type of the result
 */
public interface Completion<R> {

    void complete(R result);

    void fail(Throwable failure);
}
