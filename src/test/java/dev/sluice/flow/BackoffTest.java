package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final SluiceException FULL = Failure.OVERLOADED.because("full");

    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    private final Backoff quick = new Backoff(Duration.ofMillis(1), Duration.ofMillis(1));
    private final AtomicInteger attempts = new AtomicInteger();

    @Test
    void doublesUpToTheLongestDelay() {
        assertThat(IntStream.rangeClosed(1, 6).mapToObj(backoff::delay).map(Duration::toMillis))
                .containsExactly(100L, 200L, 400L, 800L, 1_000L, 1_000L);
    }

    @Test
    void staysAtTheLongestDelayAfterManyFailures() {
        assertThat(backoff.delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void changesADelayByAtMostAFifth() {
        Random random = new Random(7);

        assertThat(IntStream.range(0, 1_000).mapToObj(i -> backoff.jittered(2, random)))
                .allMatch(delay -> delay.toMillis() >= 160 && delay.toMillis() <= 240)
                .anyMatch(delay -> delay.toMillis() < 180)
                .anyMatch(delay -> delay.toMillis() > 220);
    }

    @Test
    void repeatsAnAttemptUntilItSucceeds() {
        Uni<Integer> third = Uni.createFrom().item(() -> {
            if (attempts.incrementAndGet() < 3) {
                throw FULL;
            }
            return attempts.get();
        });

        assertThat(quick.retry(third, FULL::equals, SOON).await().atMost(SOON)).isEqualTo(3);
    }

    @Test
    void failsWithTheLastFailureWhenItExpires() {
        assertThatThrownBy(() -> quick.retry(failing(FULL), FULL::equals, Duration.ofMillis(20))
                        .await()
                        .atMost(SOON))
                .isSameAs(FULL);
        assertThat(attempts).hasValueGreaterThan(1);
    }

    @Test
    void doesNotBeginAnAttemptAfterTheExpiry() {
        assertThatThrownBy(() -> new Backoff(SOON, SOON)
                        .retry(failing(FULL), FULL::equals, Duration.ofSeconds(1))
                        .await()
                        .atMost(SOON))
                .isSameAs(FULL);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void anItemEndsTheGrowthOfThePauses() {
        Backoff growing = new Backoff(Duration.ofMillis(1), Duration.ofHours(1));
        Multi<Integer> one = Multi.createFrom().deferred(() -> Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().item(attempts.incrementAndGet()),
                        Multi.createFrom().failure(FULL)));

        assertThat(growing.resubscribed(one)
                        .select()
                        .first(30)
                        .collect()
                        .last()
                        .await()
                        .atMost(SOON))
                .isEqualTo(30);
    }

    @Test
    void doesNotRepeatAfterOtherFailures() {
        IllegalStateException other = new IllegalStateException("other", FULL);

        assertThatThrownBy(() ->
                        quick.retry(failing(other), FULL::equals, SOON).await().atMost(SOON))
                .isSameAs(other);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void beginsAgainForEachSubscription() {
        Uni<Object> retried = quick.retry(failing(FULL), FULL::equals, Duration.ofMillis(20));
        assertThatThrownBy(() -> retried.await().atMost(SOON)).isSameAs(FULL);
        int before = attempts.get();

        assertThatThrownBy(() -> retried.await().atMost(SOON)).isSameAs(FULL);

        assertThat(attempts).hasValueGreaterThan(before + 1);
    }

    @Test
    void aCancelledPauseIsNotFollowedByAnAttempt() {
        Duration pause = Duration.ofMillis(50);
        new Backoff(pause, pause)
                .retry(failing(FULL), FULL::equals, SOON)
                .subscribe()
                .with(item -> {})
                .cancel();

        Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(pause.multipliedBy(4))
                .await()
                .atMost(SOON);

        assertThat(attempts).hasValue(1);
    }

    private Uni<Object> failing(Throwable failure) {
        return Uni.createFrom().failure(() -> {
            attempts.incrementAndGet();
            return failure;
        });
    }
}
