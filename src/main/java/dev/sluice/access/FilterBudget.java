package dev.sluice.access;

import java.util.HashMap;
import java.util.Map;

/**
 * A limit on the filters of open tails. Streams with an equal {@code view} are counted once, because their
 * filters are evaluated once. Thread-safe.
 */
final class FilterBudget {
    private final int most;
    private final Map<Object, Claim> claims = new HashMap<>();
    private int taken;

    /** The number of open streams with an equal {@code view}. */
    private static final class Claim {
        private int streams;
    }

    FilterBudget(int most) {
        this.most = most;
    }

    /**
     * Counts one more stream with {@code view}. Returns false and counts nothing if its {@code filters} exceed the
     * remaining budget.
     */
    synchronized boolean take(Object view, int filters) {
        Claim claim = claims.get(view);
        if (claim == null) {
            if (taken + filters > most) {
                return false;
            }
            taken += filters;
            claim = new Claim();
            claims.put(view, claim);
        }
        claim.streams++;
        return true;
    }

    /** Releases one stream. The values must be those of its {@link #take}. */
    synchronized void giveBack(Object view, int filters) {
        Claim claim = claims.get(view);
        if (claim != null && --claim.streams == 0) {
            claims.remove(view);
            taken -= filters;
        }
    }
}
