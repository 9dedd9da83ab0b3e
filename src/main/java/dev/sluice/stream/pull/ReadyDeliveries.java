package dev.sluice.stream.pull;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A queue of received deliveries that wait for demand, with their total size in bytes. Bounded by the pull budget,
 * which includes them.
 *
 * <p>Not thread-safe. Confined to one session's drain loop.
 */
final class ReadyDeliveries {
    private final Queue<Delivery> waiting = new ArrayDeque<>();
    private long bytes;

    void add(Delivery delivery) {
        waiting.add(delivery);
        bytes += delivery.wireSize();
    }

    @Nullable
    Delivery poll() {
        Delivery next = waiting.poll();
        if (next != null) {
            bytes -= next.wireSize();
        }
        return next;
    }

    int size() {
        return waiting.size();
    }

    long bytes() {
        return bytes;
    }

    void drainTo(Consumer<Delivery> taker) {
        for (Delivery next = poll(); next != null; next = poll()) {
            taker.accept(next);
        }
    }
}
