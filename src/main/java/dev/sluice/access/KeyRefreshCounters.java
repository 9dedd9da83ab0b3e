package dev.sluice.access;

import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts what came of tokens that name a key which is not known, see {@link IssuerKeys}. */
@Singleton
public final class KeyRefreshCounters {
    /** What was done for such a token. */
    public enum Outcome {
        /** The issuer's keys were fetched. */
        FETCHED,
        /** The issuer did not give them; the old ones stay. */
        FAILED,
        /** They had been fetched just before. */
        TOO_SOON,
        /** As many threads as may were waiting for them. */
        TOO_MANY
    }

    private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);

    KeyRefreshCounters() {
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    /** How many there were. */
    public long count(Outcome outcome) {
        return counter(outcome).sum();
    }

    void happened(Outcome outcome) {
        counter(outcome).increment();
    }

    private LongAdder counter(Outcome outcome) {
        return Objects.requireNonNull(counts.get(outcome));
    }
}
