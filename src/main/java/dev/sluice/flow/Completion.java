package dev.sluice.flow;

/**
 * Where the one result of something asynchronous goes. The first call settles it, every later one is without effect.
 *
 * @param <R> what success brings
 */
public interface Completion<R> {

    void complete(R result);

    void fail(Throwable failure);
}
