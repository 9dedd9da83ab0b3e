package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import io.smallrye.mutiny.subscription.Cancellable;
import org.junit.jupiter.api.Test;

/** A limit counts each refusal. */
class LimitTest {
    private static final String RULE = "At most two at once";

    private final Limit limit = new Limit("sluice.some.limit", 2);

    @Test
    void refusesAndCountsWhatExceedsIt() {
        assertThat(limit.tryTake(2)).isTrue();

        assertThat(limit.tryTake(1)).isFalse();

        assertThat(limit.taken()).isEqualTo(2);
        assertThat(limit.refused()).isEqualTo(1);
    }

    @Test
    void aRefusalNamesTheRuleAndTheKey() {
        limit.take(2, RULE);

        assertThatThrownBy(() -> limit.take(1, RULE))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.OVERLOADED))
                .hasMessage("At most two at once (sluice.some.limit)");
        assertThat(limit.refused()).isEqualTo(1);
    }

    @Test
    void hasRoomForAnythingWhileNothingIsTaken() {
        assertThatCode(() -> limit.requireRoom(3, RULE)).doesNotThrowAnyException();
        assertThat(limit.taken()).isZero();
    }

    @Test
    void countsARefusalForLackOfRoom() {
        limit.take(1, RULE);

        assertThatThrownBy(() -> limit.requireRoom(2, RULE)).matches(Failure.OVERLOADED::matches);
        assertThat(limit.refused()).isEqualTo(1);
    }

    @Test
    void anotherOwnerHasABoundOfItsOwn() {
        limit.take(2, RULE);

        assertThat(limit.another().tryTake(2)).isTrue();
    }

    @Test
    void countsTheRefusalsOfAllOwners() {
        Limit other = limit.another();
        other.take(2, RULE);

        other.tryTake(1);

        assertThat(limit.refused()).isEqualTo(1);
    }

    @Test
    void guardedWorkIsCountedUntilItIsCancelled() {
        Cancellable work = guarded(Uni.createFrom().nothing()).subscribe().with(done -> {});
        assertThat(limit.taken()).isEqualTo(1);

        work.cancel();

        assertThat(limit.taken()).isZero();
    }

    @Test
    void guardedWorkIsReleasedBeforeItFails() {
        UniAssertSubscriber<String> work = guarded(Uni.createFrom().failure(new IllegalStateException("broken")))
                .onFailure()
                .invoke(() -> assertThat(limit.taken()).isZero())
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());

        work.assertFailedWith(IllegalStateException.class, "broken");
    }

    @Test
    void guardedWorkBeyondTheLimitIsRefusedAndCounted() {
        limit.take(2, RULE);

        UniAssertSubscriber<String> work =
                guarded(Uni.createFrom().item("never")).subscribe().withSubscriber(UniAssertSubscriber.create());

        work.assertFailedWith(SluiceException.class, RULE);
        assertThat(limit.refused()).isEqualTo(1);
    }

    @Test
    void guardedWorkHoldsItsAmount() {
        limit.take(1, RULE);

        UniAssertSubscriber<String> work = limit.guard(2, Uni.createFrom().item("never"), RULE)
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());

        work.assertFailedWith(SluiceException.class, RULE);
        assertThat(limit.taken()).isEqualTo(1);
    }

    @Test
    void guardedItemsAreCountedUntilTheyEnd() {
        AssertSubscriber<Integer> items = limit.guard(Multi.createFrom().items(1, 2), RULE)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));
        assertThat(limit.taken()).isEqualTo(1);

        items.request(1);

        items.assertCompleted().assertItems(1, 2);
        assertThat(limit.taken()).isZero();
    }

    @Test
    void guardedItemsBeyondTheLimitAreRefusedAndCounted() {
        limit.take(2, RULE);

        AssertSubscriber<Integer> items =
                limit.guard(Multi.createFrom().items(1), RULE).subscribe().withSubscriber(AssertSubscriber.create(1));

        items.assertFailedWith(SluiceException.class, RULE);
        assertThat(limit.refused()).isEqualTo(1);
    }

    @Test
    void guardedItemsAreRefusedWithAFailureOfTheCaller() {
        limit.take(2, RULE);

        AssertSubscriber<Integer> items = limit.guard(
                        1, Multi.createFrom().items(1), () -> Failure.UNAVAILABLE.because("Another rule"))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(1));

        items.assertFailedWith(SluiceException.class, "Another rule");
        assertThat(limit.refused()).isEqualTo(1);
    }

    private Uni<String> guarded(Uni<String> work) {
        return limit.guard(work, RULE);
    }
}
