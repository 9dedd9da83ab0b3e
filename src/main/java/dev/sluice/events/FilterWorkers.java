package dev.sluice.events;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The threads that evaluate filters, for all projections of this instance. Their number is half the number of
 * processors, so that processors remain for the threads that serve all clients. Each projection and each page is queued
 * at most once, which bounds the queue. Idle threads end.
 */
@Singleton
final class FilterWorkers implements Executor {
    private static final int IDLE_SECONDS = 10;

    private final Executor threads;
    private final long queueBytes;
    private final LongAdder dropped = new LongAdder();

    @Inject
    FilterWorkers(EventsConfig config) {
        this(threads(), config.filterBuffer().asLongValue());
    }

    FilterWorkers(Executor threads, long queueBytes) {
        this.threads = threads;
        this.queueBytes = queueBytes;
    }

    private static Executor threads() {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), FilterWorkers::thread);
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    @Override
    public void execute(Runnable work) {
        threads.execute(work);
    }

    /** Returns a queue for one projection; its dropped messages are also counted here. */
    FilterQueue queue(FilterQueue.Listener feed) {
        return new FilterQueue(
                new FilterQueue.Listener() {
                    @Override
                    public void evaluate(FeedMessage message) {
                        feed.evaluate(message);
                    }

                    @Override
                    public void dropped(long count, long through) {
                        dropped.add(count);
                        feed.dropped(count, through);
                    }
                },
                this,
                queueBytes);
    }

    /**
     * Returns the number of messages that were not evaluated because filters were too slow, summed over the
     * projections.
     */
    long dropped() {
        return dropped.sum();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sluice-filters");
        thread.setDaemon(true);
        return thread;
    }
}
