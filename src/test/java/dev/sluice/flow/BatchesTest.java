package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.Subscriptions;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(30);

    @Test
    void emitsFullBatchesAndTheRestAtTheEnd() {
        AssertSubscriber<List<Integer>> subscriber = new Batches<>(
                        Multi.createFrom().range(0, 7), 3, LONG, BatchesTest::drop)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));

        subscriber.awaitCompletion();
        assertThat(subscriber.getItems()).containsExactly(List.of(0, 1, 2), List.of(3, 4, 5), List.of(6));
    }

    @Test
    void emitsAPartialBatchAfterTheWait() {
        UnicastProcessor<Integer> source = UnicastProcessor.create();
        AssertSubscriber<List<Integer>> subscriber = new Batches<>(source, 3, SHORT, BatchesTest::drop)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));

        source.onNext(1);

        subscriber.awaitItems(1);
        assertThat(subscriber.getItems()).containsExactly(List.of(1));
    }

    @Test
    void fillsABatchThatIsNotRequestedYet() {
        UnicastProcessor<Integer> source = UnicastProcessor.create();
        AssertSubscriber<List<Integer>> subscriber = new Batches<>(source, 3, SHORT, BatchesTest::drop)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));
        source.onNext(1);
        subscriber.awaitItems(1);

        source.onNext(2);
        await().during(Duration.ofMillis(100)).until(() -> subscriber.getItems().size() == 1);
        source.onNext(3);
        subscriber.request(1);

        subscriber.awaitItems(2).assertNotTerminated();
        assertThat(subscriber.getItems().get(1)).containsExactly(2, 3);
    }

    @Test
    void requestsNoMoreThanOneBatchHolds() {
        AtomicLong requested = new AtomicLong();
        Multi<Integer> never = Multi.createFrom().<Integer>nothing().onRequest().invoke(requested::addAndGet);

        new Batches<>(never, 3, LONG, BatchesTest::drop).subscribe().withSubscriber(AssertSubscriber.create(100));

        assertThat(requested).hasValue(3);
    }

    @Test
    void emitsAFailureAfterTheItemsBeforeIt() {
        Multi<Integer> failing = Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().items(1, 2),
                        Multi.createFrom().failure(new IllegalStateException("broken")));

        AssertSubscriber<List<Integer>> subscriber = new Batches<>(failing, 3, LONG, BatchesTest::drop)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(10));

        subscriber.awaitFailure();
        assertThat(subscriber.getItems()).containsExactly(List.of(1, 2));
    }

    @Test
    void givesBackWhatItHasCollectedWhenItIsCancelled() {
        List<Integer> unwanted = new ArrayList<>();
        UnicastProcessor<Integer> source = UnicastProcessor.create();
        AssertSubscriber<List<Integer>> subscriber =
                new Batches<>(source, 3, LONG, unwanted::add).subscribe().withSubscriber(AssertSubscriber.create(1));
        source.onNext(1);
        source.onNext(2);

        subscriber.cancel();

        assertThat(unwanted).containsExactly(1, 2);
    }

    @Test
    void givesBackWhatItHasCollectedAfterDemandThatIsNotPositive() {
        List<Integer> unwanted = new ArrayList<>();
        UnicastProcessor<Integer> source = UnicastProcessor.create();
        AssertSubscriber<List<Integer>> subscriber =
                new Batches<>(source, 3, LONG, unwanted::add).subscribe().withSubscriber(AssertSubscriber.create(1));
        source.onNext(1);

        subscriber.request(0);

        subscriber.awaitFailure();
        assertThat(unwanted).containsExactly(1);
    }

    @Test
    void givesBackAnItemThatComesAfterTheCancellation() {
        List<Integer> unwanted = new ArrayList<>();
        AtomicReference<MultiSubscriber<? super Integer>> source = new AtomicReference<>();
        Multi<Integer> unstoppable = new AbstractMulti<>() {
            @Override
            public void subscribe(MultiSubscriber<? super Integer> downstream) {
                source.set(downstream);
                downstream.onSubscribe(Subscriptions.empty());
            }
        };
        AssertSubscriber<List<Integer>> subscriber = new Batches<>(unstoppable, 3, LONG, unwanted::add)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));
        subscriber.cancel();

        source.get().onItem(1);

        assertThat(unwanted).containsExactly(1);
    }

    /** Reactive Streams rule 1.3: signals are serial. */
    @Test
    void failsAfterTheBatchInWhichDemandThatIsNotPositiveIsSignalled() {
        List<String> signals = new ArrayList<>();

        new Batches<>(Multi.createFrom().range(0, 9), 3, LONG, BatchesTest::drop)
                .subscribe()
                .withSubscriber(new MultiSubscriber<>() {
                    private Flow.Subscription subscription;

                    @Override
                    public void onSubscribe(Flow.Subscription opened) {
                        subscription = opened;
                        opened.request(5);
                    }

                    @Override
                    public void onItem(List<Integer> batch) {
                        subscription.request(0);
                        signals.add(batch.toString());
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        signals.add(failure.getClass().getSimpleName());
                    }

                    @Override
                    public void onCompletion() {
                        signals.add("complete");
                    }
                });

        assertThat(signals).containsExactly("[0, 1, 2]", "IllegalArgumentException");
    }

    private static void drop(Integer unwanted) {}
}
