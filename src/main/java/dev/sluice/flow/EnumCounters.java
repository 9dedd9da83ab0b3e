package dev.sluice.flow;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** A counter for each constant of an enum. Thread-safe; never blocks. */
public final class EnumCounters<E extends Enum<E>> {
    private final Map<E, LongAdder> counts;

    public EnumCounters(Class<E> type) {
        counts = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            counts.put(constant, new LongAdder());
        }
    }

    public void increment(E constant) {
        counter(constant).increment();
    }

    public long count(E constant) {
        return counter(constant).sum();
    }

    private LongAdder counter(E constant) {
        return Objects.requireNonNull(counts.get(constant));
    }
}
