package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Context;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A Multi that continues a Uni. */
class FlatMapManyTest {
    private final AssertSubscriber<Integer> subscriber = AssertSubscriber.create();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    @Test
    void emitsTheItemsOfTheMultiAsTheyAreRequested() {
        AtomicLong requests = new AtomicLong();
        flatMapMany(
                        Uni.createFrom().item(3),
                        Multi.createFrom().items(1, 2, 3).onRequest().invoke(requests::addAndGet))
                .subscribe(subscriber);

        subscriber.request(1);
        subscriber.assertItems(1).assertNotTerminated();
        subscriber.request(2);

        subscriber.assertItems(1, 2, 3).assertCompleted();
        assertThat(requests).hasValue(3);
    }

    @Test
    void keepsRequestsThatComeBeforeTheItem() {
        CompletableFuture<Integer> first = new CompletableFuture<>();
        flatMapMany(Uni.createFrom().completionStage(first), Multi.createFrom().items(1, 2, 3))
                .subscribe(subscriber);

        subscriber.request(1);
        subscriber.request(1);
        first.complete(0);

        subscriber.assertItems(1, 2).assertNotTerminated();
    }

    @Test
    void cancelsTheUniThatHasNoItemYet() {
        flatMapMany(
                        Uni.createFrom().<Integer>nothing().onCancellation().invoke(() -> cancelled.set(true)),
                        Multi.createFrom().items(1))
                .subscribe(subscriber);

        subscriber.cancel();

        assertThat(cancelled).isTrue();
    }

    @Test
    void cancelsTheMultiThatHasBegun() {
        flatMapMany(Uni.createFrom().item(0), endless()).subscribe(subscriber);

        subscriber.cancel();

        assertThat(cancelled).isTrue();
    }

    @Test
    void cancelsTheMultiThatBeginsWhileItIsCancelled() {
        Uni.createFrom()
                .item(0)
                .stage(FlatMapMany.<Integer, Integer>flatMapMany(item -> {
                    subscriber.cancel();
                    return endless();
                }))
                .subscribe(subscriber);

        assertThat(cancelled).isTrue();
        subscriber.assertNotTerminated();
    }

    @Test
    void doesNotBeginForASubscriberThatCancelsAtOnce() {
        AtomicBoolean begun = new AtomicBoolean();

        flatMapMany(Uni.createFrom().item(0).onSubscription().invoke(() -> begun.set(true)), endless())
                .subscribe(new AssertSubscriber<>(1, true));

        assertThat(begun).isFalse();
    }

    @Test
    void failsAsTheUni() {
        flatMapMany(Uni.createFrom().failure(new IllegalStateException("first")), endless())
                .subscribe(subscriber);

        subscriber.assertFailedWith(IllegalStateException.class, "first");
    }

    @Test
    void failsAsTheMulti() {
        flatMapMany(Uni.createFrom().item(0), Multi.createFrom().failure(new IllegalStateException("second")))
                .subscribe(subscriber);

        subscriber.assertFailedWith(IllegalStateException.class, "second");
    }

    @Test
    void failsIfTheMapperThrows() {
        Uni.createFrom()
                .item(0)
                .stage(FlatMapMany.<Integer, Integer>flatMapMany(item -> {
                    throw new IllegalStateException("mapper");
                }))
                .subscribe(subscriber);

        subscriber.assertFailedWith(IllegalStateException.class, "mapper");
    }

    @Test
    void passesTheContextOfItsSubscriberOn() {
        AssertSubscriber<Integer> inContext = AssertSubscriber.create(Context.of("caller", "x"), 1);
        AtomicReference<String> seen = new AtomicReference<>();
        Uni<Integer> first = Uni.createFrom()
                .context(context -> Uni.createFrom().item(() -> {
                    seen.set(context.get("caller"));
                    return 0;
                }));

        flatMapMany(first, Multi.createFrom().items(1)).subscribe(inContext);

        assertThat(seen).hasValue("x");
        inContext.assertItems(1);
    }

    @Test
    void requiresPositiveRequests() {
        flatMapMany(Uni.createFrom().nothing(), endless()).subscribe(subscriber);

        subscriber.request(0);

        subscriber.assertFailedWith(IllegalArgumentException.class);
    }

    private Multi<Integer> endless() {
        return Multi.createFrom().<Integer>nothing().onCancellation().invoke(() -> cancelled.set(true));
    }

    private static Multi<Integer> flatMapMany(Uni<Integer> first, Multi<Integer> second) {
        return first.stage(FlatMapMany.flatMapMany(item -> second));
    }
}
