package dev.sluice.access;

import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts the tokens with an unknown key by outcome, see {@link IssuerKeys}. Thread-safe. */
@Singleton
public final class KeyRefreshCounters {
    /** Outcome of a token with an unknown key. */
    public enum Outcome {
        /** The issuer's keys were fetched. */
        FETCHED,
        /** The fetch failed; the old keys remain in use. */
        FAILED,
        /** No fetch: the keys had been requested shortly before. */
        TOO_SOON,
        /** No fetch: the maximum number of threads was already waiting. */
        TOO_MANY
    }

    private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);

    KeyRefreshCounters() {
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    /** Returns how often {@code outcome} occurred. */
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
