package dev.sluice.access;

import java.time.Instant;
import java.util.Set;

/**
 * Who a caller is, as plain as it has to be to be carried from one replica to another.
 *
 * @param permissions the token's claim of permissions as JSON; empty without one
 * @param until the second at which it ends
 */
record Identity(String name, Set<String> roles, String permissions, long until) {
    static final Identity EVERYBODY = new Identity("everybody", Set.of(), "", Instant.MAX.getEpochSecond());

    Identity {
        roles = Set.copyOf(roles);
    }

    /** {@link Instant#MAX} too for an end that lies beyond it. */
    Instant end() {
        return Instant.ofEpochSecond(Math.min(until, Instant.MAX.getEpochSecond()));
    }
}
