package dev.sluice.events;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The threads that evaluate filters, for all views of this instance: half as many as there are processors, so that the
 * threads that serve everybody always find one. Each view and each page is there once at most, which bounds what waits.
 * The threads end by themselves when idle.
 */
final class FilterWorkers implements Executor {
    private static final int IDLE_SECONDS = 10;

    private final Executor threads;
    private final long queueBytes;
    private final LongAdder lost = new LongAdder();

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

    /** A queue of one view, whose losses are counted here too. */
    FilterQueue queue(FilterQueue.Listener view) {
        return new FilterQueue(
                new FilterQueue.Listener() {
                    @Override
                    public void evaluate(FeedMessage message) {
                        view.evaluate(message);
                    }

                    @Override
                    public void lost(long count, long through) {
                        lost.add(count);
                        view.lost(count, through);
                    }
                },
                this,
                queueBytes);
    }

    /** Messages that views were too slow to look at, summed over the views. */
    long lost() {
        return lost.sum();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "sluice-filters");
        thread.setDaemon(true);
        return thread;
    }
}
