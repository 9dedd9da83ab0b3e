package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Offers, requests and a cancel on separate threads. */
@Timeout(30)
class HotMultiRaceTest {
    private static final int ITEMS = 20_000;
    private static final ExecutorService THREADS = Executors.newFixedThreadPool(3);

    private final LongAdder dropped = new LongAdder();
    private final AtomicInteger closed = new AtomicInteger();
    private final Watcher watcher = new Watcher();
    private HotMulti.Sink<Integer> sink;

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    @RepeatedTest(20)
    void losesNothingUncountedAndKeepsOrder() throws Exception {
        subscribe(Overflow.DROP_OLDEST);

        race(this::offerAll, this::requestAll, () -> {});
        watcher.request(ITEMS);

        assertThat(watcher.seen).isSorted().doesNotHaveDuplicates();
        assertThat(watcher.seen.size() + dropped.sum()).isEqualTo(ITEMS);
        assertThat(watcher.overlaps).hasValue(0);
        assertThat(watcher.beyondDemand).hasValue(0);
    }

    @RepeatedTest(20)
    void closesOnceAtACancelAtAnyMoment() throws Exception {
        subscribe(Overflow.DROP_NEWEST);

        race(this::offerAll, this::requestAll, () -> {
            while (watcher.delivered.get() == 0) {
                Thread.onSpinWait();
            }
            watcher.subscription.cancel();
        });

        assertThat(closed).hasValue(1);
        assertThat(watcher.overlaps).hasValue(0);
        assertThat(watcher.beyondDemand).hasValue(0);
    }

    /** A concurrently offered item, for which there is no demand, must not delay the failure. */
    @Test
    void failsOnDemandThatIsNotPositiveWithAnyItemsOffered() throws Exception {
        BufferBounds<Integer> bounds =
                new BufferBounds<>(64, Long.MAX_VALUE, Overflow.FAIL, item -> 1, dropped::increment);
        AtomicInteger arrivals = new AtomicInteger();
        List<AssertSubscriber<Integer>> subscribers = new ArrayList<>();
        List<HotMulti.Sink<Integer>> sinks = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            subscribers.add(HotMulti.of(bounds, opening -> {
                        sinks.add(opening);
                        return () -> {};
                    })
                    .subscribe()
                    .withSubscriber(AssertSubscriber.create(0)));
        }

        race(
                () -> sinks.forEach(opened -> {
                    meet(arrivals);
                    opened.offer(1);
                }),
                () -> subscribers.forEach(subscriber -> {
                    meet(arrivals);
                    subscriber.request(0);
                }));

        assertThat(subscribers).allSatisfy(subscriber -> subscriber.assertFailedWith(IllegalArgumentException.class));
    }

    /** Spins until two threads have arrived, so that both continue at the same moment. */
    private static void meet(AtomicInteger arrivals) {
        int here = arrivals.incrementAndGet();
        int complete = here + here % 2;
        while (arrivals.get() < complete) {
            Thread.onSpinWait();
        }
    }

    private void subscribe(Overflow overflow) {
        HotMulti.of(new BufferBounds<Integer>(64, Long.MAX_VALUE, overflow, item -> 1, dropped::increment), opening -> {
                    sink = opening;
                    return closed::incrementAndGet;
                })
                .subscribe(watcher);
    }

    private void offerAll() {
        for (int i = 0; i < ITEMS; i++) {
            sink.offer(i);
        }
    }

    private void requestAll() {
        for (int i = 0; i < ITEMS / 4; i++) {
            watcher.request(3);
        }
    }

    private static void race(Runnable... runners) throws Exception {
        CountDownLatch start = new CountDownLatch(runners.length);
        List<Future<?>> running = new ArrayList<>();
        for (Runnable runner : runners) {
            running.add(THREADS.submit(() -> {
                start.countDown();
                start.await();
                runner.run();
                return null;
            }));
        }
        for (Future<?> one : running) {
            one.get(20, TimeUnit.SECONDS);
        }
    }

    /** Detects concurrent calls, and items beyond the demand. */
    private static final class Watcher implements Flow.Subscriber<Integer> {
        private final List<Integer> seen = new ArrayList<>();
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger overlaps = new AtomicInteger();
        private final AtomicInteger beyondDemand = new AtomicInteger();
        private final AtomicLong requested = new AtomicLong();
        private final AtomicLong delivered = new AtomicLong();
        private volatile Flow.Subscription subscription;

        void request(long count) {
            requested.addAndGet(count);
            subscription.request(count);
        }

        @Override
        public void onSubscribe(Flow.Subscription opened) {
            subscription = opened;
        }

        @Override
        public void onNext(Integer item) {
            if (inside.incrementAndGet() != 1) {
                overlaps.incrementAndGet();
            }
            seen.add(item);
            if (delivered.incrementAndGet() > requested.get()) {
                beyondDemand.incrementAndGet();
            }
            inside.decrementAndGet();
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onComplete() {
            throw new AssertionError("a hot stream never completes");
        }
    }
}
