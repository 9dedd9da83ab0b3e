package dev.sluice.nats;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs the reader of a connection on a separate thread and reports when it dies.
 *
 * <p>Input that jnats does not expect causes an exception in its reader. The thread then ends silently, and the
 * connection still looks healthy. Any client could trigger this with message headers; {@link LenientInputStream}
 * handles those, and this class handles all other cases.
 */
final class ReaderGuard extends AbstractExecutorService {
    private final ThreadFactory threads;
    private final Consumer<Throwable> died;

    /** @param died the callback for the reader's exception; called on the reader's thread, must not block */
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
