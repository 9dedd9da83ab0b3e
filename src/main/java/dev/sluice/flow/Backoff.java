package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** Exponential backoff: the delay doubles with each consecutive failure, from {@code first} to {@code longest}. */
public record Backoff(Duration first, Duration longest) {
    private static final double JITTER = 0.2;
    private static final int MAX_DOUBLINGS = 20;

    /**
     * Returns the delay before the next attempt.
     *
     * @param failures number of consecutive failures, at least 1
     */
    public Duration delay(int failures) {
        int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
        Duration grown = first.multipliedBy(1L << doublings);
        return grown.compareTo(longest) < 0 ? grown : longest;
    }

    /** As {@link #delay}, changed by up to 20 % at random, so that clients that failed together do not retry together. */
    public Duration jittered(int failures, RandomGenerator random) {
        double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
        return Duration.ofNanos((long) (delay(failures).toNanos() * factor));
    }

    /**
     * Returns {@code attempt}, which is repeated after each failure that is {@code transientFailure}. Fails with the last failure
     * if the next attempt would begin later than {@code expiry} after the subscription.
     */
    public <T> Uni<T> retry(Uni<T> attempt, Predicate<? super Throwable> transientFailure, Duration expiry) {
        return Uni.createFrom().deferred(() -> {
            long end = System.nanoTime() + expiry.toNanos();
            AtomicInteger failures = new AtomicInteger();
            return attempt.onFailure(transientFailure).retry().when(failed -> failed.onItem()
                    .transformToUniAndConcatenate(failure ->
                            pause(failure, jittered(failures.incrementAndGet(), ThreadLocalRandom.current()), end)));
        });
    }

    /**
     * Returns {@code items}, subscribed to again after each failure, without end. The delay grows with each further failure
     * until there is an item.
     */
    public <T> Multi<T> resubscribed(Multi<T> items) {
        return Multi.createFrom().deferred(() -> {
            AtomicInteger failures = new AtomicInteger();
            return items.onItem()
                    .invoke(() -> failures.set(0))
                    .onFailure()
                    .retry()
                    .when(failed -> failed.onItem().transformToUniAndConcatenate(failure -> Uni.createFrom()
                            .item(failure)
                            .onItem()
                            .delayIt()
                            .by(jittered(failures.incrementAndGet(), ThreadLocalRandom.current()))));
        });
    }

    /** Emits {@code failure} after {@code delay}; fails with it at once if that would be later than {@code end}. */
    private static Uni<Throwable> pause(Throwable failure, Duration delay, long end) {
        return System.nanoTime() + delay.toNanos() - end > 0
                ? Uni.createFrom().failure(failure)
                : Uni.createFrom().item(failure).onItem().delayIt().by(delay);
    }
}
