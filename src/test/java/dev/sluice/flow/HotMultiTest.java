package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Buffering, dropping and counting between a source without back-pressure and a subscriber with limited demand. */
class HotMultiTest {
    private static final long MANY_BYTES = 1_000;

    private final ScriptedSource source = new ScriptedSource();

    @Test
    void failDeliversBufferedItemsThenFails() {
        AssertSubscriber<String> subscriber = subscribe(2, MANY_BYTES, Overflow.FAIL);

        source.offer("a", "b", "c", "d");

        subscriber.assertNotTerminated();
        subscriber.request(5);
        subscriber.assertItems("a", "b").assertFailedWith(SluiceException.class);
        assertThat(((SluiceException) subscriber.getFailure()).failure()).isEqualTo(Failure.OVERFLOW);
        assertThat(source.dropped.sum()).isEqualTo(1);
    }

    @Test
    void dropNewestKeepsTheOldest() {
        AssertSubscriber<String> subscriber = subscribe(2, MANY_BYTES, Overflow.DROP_NEWEST);

        source.offer("a", "b", "c", "d");

        subscriber.request(5).assertItems("a", "b").assertNotTerminated();
        assertThat(source.dropped.sum()).isEqualTo(2);
    }

    @Test
    void dropOldestKeepsTheNewest() {
        AssertSubscriber<String> subscriber = subscribe(2, MANY_BYTES, Overflow.DROP_OLDEST);

        source.offer("a", "b", "c", "d");

        subscriber.request(5).assertItems("c", "d").assertNotTerminated();
        assertThat(source.dropped.sum()).isEqualTo(2);
    }

    @Test
    void latestKeepsOne() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.LATEST);

        source.offer("a", "b", "c", "d");

        subscriber.request(5).assertItems("d").assertNotTerminated();
        assertThat(source.dropped.sum()).isEqualTo(3);
    }

    @Test
    void countsBytesAsWellAsItems() {
        AssertSubscriber<String> subscriber = subscribe(100, 5, Overflow.DROP_NEWEST);

        source.offer("aaa", "bb", "c");

        subscriber.request(5).assertItems("aaa", "bb");
        assertThat(source.dropped.sum()).isEqualTo(1);
    }

    @Test
    void dropOldestMakesRoomForAllBytesOfTheNewItem() {
        AssertSubscriber<String> subscriber = subscribe(100, 5, Overflow.DROP_OLDEST);

        source.offer("a", "b", "ccc", "dddd");

        subscriber.request(5).assertItems("dddd");
        assertThat(source.dropped.sum()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void oneLargerItemPassesWhenNothingElseWaits(Overflow overflow) {
        AssertSubscriber<String> subscriber = subscribe(100, 5, overflow);

        source.offer("larger than five");

        subscriber.request(5).assertItems("larger than five").assertNotTerminated();
        assertThat(source.dropped.sum()).isZero();
    }

    @Test
    void anItemLargerThanTheBoundIsDroppedIfOthersWait() {
        AssertSubscriber<String> subscriber = subscribe(100, 5, Overflow.DROP_NEWEST);

        source.offer("a", "larger than five", "b");

        subscriber.request(5).assertItems("a", "b");
        assertThat(source.dropped.sum()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void deliveredItemsMakeRoom(Overflow overflow) {
        AssertSubscriber<String> subscriber = subscribe(1, MANY_BYTES, overflow);

        for (int i = 0; i < 100; i++) {
            source.offer("item " + i);
            subscriber.request(1);
        }

        assertThat(subscriber.getItems()).hasSize(100);
        assertThat(source.dropped.sum()).isZero();
    }

    @Test
    void neverDeliversMoreThanWasRequested() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.FAIL);

        source.offer("a", "b", "c");
        subscriber.request(2);
        source.offer("d");

        subscriber.assertItems("a", "b");
    }

    @Test
    void demandAddsUpWithoutOverflowing() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.FAIL);

        subscriber.request(Long.MAX_VALUE).request(Long.MAX_VALUE);
        source.offer("a", "b");

        subscriber.assertItems("a", "b").assertNotTerminated();
    }

    @Test
    void deliversBufferedItemsBeforeAFailure() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.FAIL);

        source.offer("a", "b");
        source.sink.fail(new IllegalStateException("source"));
        source.offer("too late");

        subscriber.request(1).assertItems("a").assertNotTerminated();
        subscriber.request(1).assertItems("a", "b").assertFailedWith(IllegalStateException.class, "source");
    }

    @Test
    void failsWithoutDemandWhenNothingIsBuffered() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.FAIL);

        source.sink.fail(new IllegalStateException("source"));

        subscriber.assertFailedWith(IllegalStateException.class, "source");
    }

    @Test
    void closesTheSourceOnceOnCancel() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.FAIL);

        subscriber.cancel();
        subscriber.cancel();
        source.offer("unheard");
        source.sink.fail(new IllegalStateException("unheard"));

        assertThat(source.closed).hasValue(1);
        subscriber.assertNotTerminated().assertHasNotReceivedAnyItem();
    }

    @Test
    void closesTheSourceOnceOnFailure() {
        AssertSubscriber<String> subscriber = subscribe(100, MANY_BYTES, Overflow.FAIL);

        source.sink.fail(new IllegalStateException("source"));
        subscriber.cancel();

        assertThat(source.closed).hasValue(1);
    }

    @Test
    void opensTheSourceForEachSubscriber() {
        Multi<String> multi = source.behind(1, MANY_BYTES, Overflow.FAIL);
        assertThat(source.opened).hasValue(0);

        multi.subscribe().withSubscriber(AssertSubscriber.create());
        multi.subscribe().withSubscriber(AssertSubscriber.create());

        assertThat(source.opened).hasValue(2);
    }

    @Test
    void doesNotOpenForASubscriberThatCancelsAtOnce() {
        source.behind(1, MANY_BYTES, Overflow.FAIL).subscribe().withSubscriber(new AssertSubscriber<>(0, true));

        assertThat(source.opened).hasValue(0);
    }

    @Test
    void failsWhenTheSourceCannotOpen() {
        Multi<String> broken = HotMulti.of(bounds(), sink -> {
            throw new IllegalStateException("cannot open");
        });

        AssertSubscriber<String> subscriber = broken.subscribe().withSubscriber(AssertSubscriber.create());

        subscriber.assertFailedWith(IllegalStateException.class, "cannot open");
    }

    @Test
    void closesASourceThatFailsWhileItOpens() {
        AtomicInteger closed = new AtomicInteger();
        Multi<String> failing = HotMulti.of(bounds(), sink -> {
            sink.fail(new IllegalStateException("at once"));
            return closed::incrementAndGet;
        });

        AssertSubscriber<String> subscriber = failing.subscribe().withSubscriber(AssertSubscriber.create());

        subscriber.assertFailedWith(IllegalStateException.class, "at once");
        assertThat(closed).hasValue(1);
    }

    @Test
    void aSubscriberMayRequestFromWithinItsItems() {
        AssertSubscriber<String> subscriber = AssertSubscriber.create(1);
        source.behind(100, MANY_BYTES, Overflow.FAIL)
                .onItem()
                .invoke(() -> subscriber.request(1))
                .subscribe(subscriber);

        source.offer("a", "b", "c");

        subscriber.assertItems("a", "b", "c");
    }

    @Test
    void aSubscriberMayCancelFromWithinItsItems() {
        AssertSubscriber<String> subscriber = AssertSubscriber.create(0);
        source.behind(100, MANY_BYTES, Overflow.FAIL).select().first(2).subscribe(subscriber);

        source.offer("a", "b", "c");
        subscriber.request(10);

        subscriber.assertItems("a", "b").assertCompleted();
        assertThat(source.closed).hasValue(1);
    }

    /** The requesting thread may be a borrowed one, which a source that is faster than the subscriber would never return. */
    @Test
    void aRequestWithoutALimitEmitsOnlyWhatWaitsOnItsOwnThread() {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        AssertSubscriber<String> subscriber = source.behind(100, MANY_BYTES, Overflow.DROP_OLDEST)
                .onItem()
                .invoke(item -> {
                    threads.add(Thread.currentThread());
                    if (item.length() < 5) {
                        source.offer(item + "x");
                    }
                })
                .subscribe()
                .withSubscriber(AssertSubscriber.create());
        source.offer("a");

        subscriber.request(Long.MAX_VALUE);

        subscriber.awaitItems(5).assertItems("a", "ax", "axx", "axxx", "axxxx");
        assertThat(threads.get(0)).isSameAs(Thread.currentThread());
        assertThat(threads.subList(1, 5)).doesNotContain(Thread.currentThread());
    }

    private static BufferBounds<String> bounds() {
        return new BufferBounds<>(1, MANY_BYTES, Overflow.FAIL, String::length, () -> {});
    }

    private AssertSubscriber<String> subscribe(int maxItems, long maxBytes, Overflow overflow) {
        return source.behind(maxItems, maxBytes, overflow).subscribe().withSubscriber(AssertSubscriber.create());
    }
}
