package dev.sluice.flow;

import io.smallrye.mutiny.Multi;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A source whose items a test offers explicitly. The weight of an item is the length of its text. */
final class ScriptedSource {
    final LongAdder dropped = new LongAdder();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile HotMulti.Sink<String> sink;

    Multi<String> behind(int maxItems, long maxBytes, Overflow overflow) {
        return HotMulti.of(
                new BufferBounds<>(maxItems, maxBytes, overflow, String::length, dropped::increment), opening -> {
                    opened.incrementAndGet();
                    sink = opening;
                    return closed::incrementAndGet;
                });
    }

    void offer(String... items) {
        for (String item : items) {
            sink.offer(item);
        }
    }
}
