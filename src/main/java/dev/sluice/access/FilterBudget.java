package dev.sluice.access;

import java.util.HashMap;
import java.util.Map;

/**
 * A limit on the filters of open tails. Tails with an equal {@code view} are counted once, because their filters are
 * evaluated once. {@code Permits} would grant any number while none is taken. Thread-safe.
 */
final class FilterBudget {
    private final int limit;
    private final Map<Object, Claim> claims = new HashMap<>();
    private int taken;

    /** The number of open tails with an equal {@code view}. */
    private static final class Claim {
        private int tails;
    }

    FilterBudget(int limit) {
        this.limit = limit;
    }

    /**
     * Counts one more tail with {@code view}. Returns false and counts nothing if its {@code filters} exceed the
     * remaining budget.
     */
    synchronized boolean take(Object view, int filters) {
        Claim claim = claims.get(view);
        if (claim == null) {
            if (taken + filters > limit) {
                return false;
            }
            taken += filters;
            claim = new Claim();
            claims.put(view, claim);
        }
        claim.tails++;
        return true;
    }

    /** Releases one tail. The values must be those of its {@link #take}. */
    synchronized void giveBack(Object view, int filters) {
        Claim claim = claims.get(view);
        if (claim != null && --claim.tails == 0) {
            claims.remove(view);
            taken -= filters;
        }
    }
}
