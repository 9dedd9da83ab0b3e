package dev.sluice.orders;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work that has begun and not ended, so that a stop can wait for it. One party of the phaser is the one that may wait. */
final class InFlightOrders {
    private final Phaser work = new Phaser(1);

    /** {@code each}, counted from its subscription to its end. */
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

    /** Blocks until all has ended, but no longer than {@code limit}; whether it has. */
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
