package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OrderedWindowTest {
    private static final IllegalStateException BROKEN = new IllegalStateException("broken");

    private final List<Completion<Integer>> started = new ArrayList<>();
    private final AtomicLong asked = new AtomicLong();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    @Test
    void keepsOrderWhenResultsComeOutOfOrder() {
        AssertSubscriber<Integer> subscriber = subscribe(4, 4, 10);

        started.get(3).complete(3);
        started.get(1).complete(1);
        subscriber.assertHasNotReceivedAnyItem();
        started.get(0).complete(0);
        subscriber.assertItems(0, 1);
        started.get(2).complete(2);

        subscriber.assertItems(0, 1, 2, 3).assertCompleted();
    }

    @Test
    void neverEmitsBeyondDemand() {
        AssertSubscriber<Integer> subscriber = subscribe(4, 4, 1);

        completeAll();
        subscriber.assertItems(0);
        subscriber.request(2);

        subscriber.assertItems(0, 1, 2).assertNotTerminated();
    }

    @Test
    void startsNoMoreThanAWindow() {
        AssertSubscriber<Integer> subscriber = subscribe(100, 8, 0);

        completeAll();

        assertThat(started).hasSize(8);
        subscriber.assertHasNotReceivedAnyItem();
    }

    @Test
    void requestsFromUpstreamInChunks() {
        subscribe(100, 8, 100);
        assertThat(asked).hasValue(8);

        started.get(0).complete(0);
        assertThat(asked).hasValue(8);
        started.get(1).complete(1);

        assertThat(asked).hasValue(10);
    }

    @Test
    void requestsNoMoreWhileTheItemsExceedTheWeight() {
        List<Completion<Integer>> heavy = new ArrayList<>();
        new OrderedWindow<Integer, Integer>(
                        Multi.createFrom().range(0, 1000), 500, 10, item -> 1, (item, place) -> heavy.add(place))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1000));
        assertThat(heavy).hasSize(UpstreamDemand.AHEAD);

        for (int i = 0; i < UpstreamDemand.AHEAD; i++) {
            heavy.get(i).complete(i);
        }

        assertThat(heavy).hasSizeBetween(UpstreamDemand.AHEAD + 1, 3 * UpstreamDemand.AHEAD);
    }

    @Test
    void failsAfterTheResultsBeforeTheFailure() {
        AssertSubscriber<Integer> subscriber = subscribe(4, 4, 10);

        started.get(2).fail(BROKEN);
        started.get(3).complete(3);
        subscriber.assertNotTerminated();
        started.get(0).complete(0);
        started.get(1).complete(1);

        subscriber.assertItems(0, 1).assertFailedWith(IllegalStateException.class, "broken");
    }

    @Test
    void stopsTheIntakeAtTheFirstFailure() {
        subscribe(100, 4, 100);

        started.get(2).fail(BROKEN);

        assertThat(cancelled).isTrue();
    }

    @Test
    void treatsAnExceptionOfTheWorkAsItsFailure() {
        Multi<Integer> results =
                new OrderedWindow<Integer, Integer>(Multi.createFrom().items(1), 4, (item, place) -> {
                    throw BROKEN;
                });

        results.subscribe()
                .withSubscriber(AssertSubscriber.create(1))
                .assertFailedWith(IllegalStateException.class, "broken");
    }

    @Test
    void cancelStopsTheIntake() {
        AssertSubscriber<Integer> subscriber = subscribe(100, 4, 100);

        subscriber.cancel();
        completeAll();

        assertThat(cancelled).isTrue();
        subscriber.assertHasNotReceivedAnyItem();
    }

    @Test
    void settlesEachItemOnce() {
        AssertSubscriber<Integer> subscriber = subscribe(2, 2, 10);

        started.get(0).complete(0);
        started.get(0).complete(7);
        started.get(0).fail(BROKEN);
        started.get(1).complete(1);

        subscriber.assertItems(0, 1).assertCompleted();
    }

    @Test
    void emitsResultsBeforeTheFailureOfUpstream() {
        Multi<Integer> items = Multi.createBy()
                .concatenating()
                .streams(Multi.createFrom().items(0, 1), Multi.createFrom().failure(BROKEN));
        AssertSubscriber<Integer> subscriber = subscribe(items, 8, 10);

        completeAll();

        subscriber.assertItems(0, 1).assertFailedWith(IllegalStateException.class, "broken");
    }

    @Test
    @Timeout(20)
    void losesNothingWhenManyThreadsComplete() {
        int items = 200_000;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Integer> results = new OrderedWindow<Integer, Integer>(
                            Multi.createFrom().range(0, items), 64, (item, place) -> {
                                if (ThreadLocalRandom.current().nextBoolean()) {
                                    place.complete(item);
                                } else {
                                    threads.execute(() -> place.complete(item));
                                }
                            })
                    .collect()
                    .asList()
                    .await()
                    .indefinitely();

            assertThat(results).isEqualTo(IntStream.range(0, items).boxed().toList());
        } finally {
            threads.shutdownNow();
        }
    }

    private AssertSubscriber<Integer> subscribe(int items, int window, long demand) {
        return subscribe(Multi.createFrom().range(0, items), window, demand);
    }

    private AssertSubscriber<Integer> subscribe(Multi<Integer> items, int window, long demand) {
        Multi<Integer> watched =
                items.onRequest().invoke(asked::addAndGet).onCancellation().invoke(() -> cancelled.set(true));
        return new OrderedWindow<Integer, Integer>(watched, window, (item, place) -> started.add(place))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(demand));
    }

    private void completeAll() {
        for (int i = 0; i < started.size(); i++) {
            started.get(i).complete(i);
        }
    }
}
