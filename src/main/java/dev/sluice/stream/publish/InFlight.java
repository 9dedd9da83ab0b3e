package dev.sluice.stream.publish;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The publishes that are under way, by number. A ring of at least twice as many slots as there may be publishes: a number
 * whose slot is still taken by a slow one is skipped, so that one slow publish holds up no other. Lock-free.
 */
final class InFlight {
    private final AtomicReferenceArray<@Nullable PendingPublish> slots;
    private final int mask;
    private final int limit;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong numbers = new AtomicLong();

    InFlight(int limit) {
        int capacity = Integer.highestOneBit(Math.max(1, limit * 2 - 1)) * 2;
        this.limit = limit;
        this.mask = capacity - 1;
        this.slots = new AtomicReferenceArray<>(capacity);
    }

    int count() {
        return count.get();
    }

    /** Claims room for one publish; whoever got it places one, or gives it back by {@link #release}. */
    boolean claim() {
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    void release(int publishes) {
        count.addAndGet(-publishes);
    }

    /** A number that was never used, whose slot was free just now. */
    long freeNumber() {
        long number = numbers.incrementAndGet();
        while (slots.get(slot(number)) != null) {
            number = numbers.incrementAndGet();
        }
        return number;
    }

    /** Whether the slot of its number was still free. */
    boolean place(PendingPublish publish) {
        return slots.compareAndSet(slot(publish.number()), null, publish);
    }

    @Nullable
    PendingPublish find(long number) {
        PendingPublish found = slots.get(slot(number));
        return found != null && found.number() == number ? found : null;
    }

    /** Takes it out; true for exactly one caller, who settles it. */
    boolean remove(PendingPublish publish) {
        boolean mine = slots.compareAndSet(slot(publish.number()), publish, null);
        if (mine) {
            count.decrementAndGet();
        }
        return mine;
    }

    void forEach(Consumer<PendingPublish> action) {
        for (int i = 0; i <= mask && count.get() > 0; i++) {
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
