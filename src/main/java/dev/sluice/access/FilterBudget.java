package dev.sluice.access;

import java.util.HashMap;
import java.util.Map;

/**
 * The filters of open event streams, within a bound. Streams that ask for the same are counted once, as their filters are
 * evaluated once. Any thread.
 */
final class FilterBudget {
    private final int most;
    private final Map<Object, Claim> claims = new HashMap<>();
    private int taken;

    /** Streams that ask for the same. */
    private static final class Claim {
        private int streams;
    }

    FilterBudget(int most) {
        this.most = most;
    }

    /** Counts one more stream that asks for {@code view}; false if its {@code filters} are more than is left. */
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

    /** A stream that {@link #take} has counted, with the same values, is over. */
    synchronized void giveBack(Object view, int filters) {
        Claim claim = claims.get(view);
        if (claim != null && --claim.streams == 0) {
            claims.remove(view);
            taken -= filters;
        }
    }

    synchronized int taken() {
        return taken;
    }
}
