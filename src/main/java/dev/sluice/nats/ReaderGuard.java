package dev.sluice.nats;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs the reader of a connection in a thread of its own, and tells when it dies.
 *
 * <p>What jnats does not expect throws out of its reader. The thread then ends in silence, with the connection looking
 * well until pings go unanswered minutes later. Headers, which anybody may publish, were the way to do that; they are
 * {@link LenientInputStream}'s, and this is for the rest.
 */
final class ReaderGuard extends AbstractExecutorService {
    private final ThreadFactory threads;
    private final Consumer<Throwable> died;

    /** @param died called in the dying reader's thread; must not block */
    ReaderGuard(ThreadFactory threads, Consumer<Throwable> died) {
        this.threads = threads;
        this.died = died;
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable reader, T result) {
        return super.newTaskFor(() -> guard(reader), result);
    }

    @Override
    public void execute(Runnable command) {
        threads.newThread(command).start();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    private void guard(Runnable reader) {
        try {
            reader.run();
        } catch (RuntimeException | Error e) {
            died.accept(e);
        }
    }
}
