package dev.sluice.orders;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Counts the deliveries in progress, so that a shutdown can wait for them. One party of the phaser is reserved for the
 * waiting thread.
 */
final class InFlightOrders {
    private final Phaser work = new Phaser(1);

    /** Returns {@code each}, counted from its subscription to its termination. */
    <T> Uni<T> counted(Uni<T> each) {
        return Uni.createFrom()
                .deferred(() -> {
                    work.register();
                    return each;
                })
                .onTermination()
                .invoke(work::arriveAndDeregister);
    }

    int count() {
        return Math.max(0, work.getRegisteredParties() - 1);
    }

    /** Blocks until all work has ended. Returns {@code false} after {@code limit} or an interrupt. */
    boolean awaitEnd(Duration limit) {
        int phase = work.arrive();
        try {
            work.awaitAdvanceInterruptibly(phase, limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
