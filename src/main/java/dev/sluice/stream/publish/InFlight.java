package dev.sluice.stream.publish;

import dev.sluice.flow.Permits;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The publishes in flight, by number: a ring with at least twice as many slots as the maximum number of publishes. A
 * number whose slot is still occupied is skipped, so that a slow publish does not block others. Thread-safe and
 * lock-free.
 */
final class InFlight {
    private final AtomicReferenceArray<@Nullable PendingPublish> slots;
    private final int mask;
    private final Permits permits;
    private final AtomicLong numbers = new AtomicLong();

    InFlight(int limit) {
        int capacity = Integer.highestOneBit(Math.max(1, limit * 2 - 1)) * 2;
        this.permits = new Permits(limit);
        this.mask = capacity - 1;
        this.slots = new AtomicReferenceArray<>(capacity);
    }

    int count() {
        return (int) permits.taken();
    }

    /** Takes a permit for one publish. After success the caller adds one or calls {@link #release}. */
    boolean takePermit() {
        return permits.take(1);
    }

    void release(int publishes) {
        permits.giveBack(publishes);
    }

    /** Returns a number that was never used and whose slot was free when checked. */
    long freeNumber() {
        long number = numbers.incrementAndGet();
        while (slots.get(slot(number)) != null) {
            number = numbers.incrementAndGet();
        }
        return number;
    }

    /** Stores {@code publish} in the slot of its number. Returns {@code false} if the slot is occupied. */
    boolean add(PendingPublish publish) {
        return slots.compareAndSet(slot(publish.number()), null, publish);
    }

    @Nullable
    PendingPublish find(long number) {
        PendingPublish found = slots.get(slot(number));
        return found != null && found.number() == number ? found : null;
    }

    /** Removes {@code publish}. Returns {@code true} for exactly one caller, which must settle the publish. */
    boolean remove(PendingPublish publish) {
        boolean mine = slots.compareAndSet(slot(publish.number()), publish, null);
        if (mine) {
            permits.giveBack(1);
        }
        return mine;
    }

    void forEach(Consumer<PendingPublish> action) {
        for (int i = 0; i <= mask && permits.taken() > 0; i++) {
            PendingPublish publish = slots.get(i);
            if (publish != null) {
                action.accept(publish);
            }
        }
    }

    private int slot(long number) {
        return (int) number & mask;
    }
}
