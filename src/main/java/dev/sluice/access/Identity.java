package dev.sluice.access;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A serializable caller identity, embedded in tickets.
 *
 * @param account whose quotas apply: the tenant and the subject, because issuers can give the same name to different users
 * @param permissions the permissions claim of the token as JSON; empty if there is none
 * @param until the expiration time as Unix time in seconds
 * @param session the session in {@link Sessions} that can extend the expiration time; null for a bearer token
 */
record Identity(
        String account,
        String name,
        Set<String> roles,
        String permissions,
        long until,
        @Nullable Session session) {
    static final Identity EVERYBODY = new Identity("", "everybody", Set.of(), "", Instant.MAX.getEpochSecond(), null);

    Identity {
        // A ticket of an earlier version has none.
        Objects.requireNonNull(account);
        roles = Set.copyOf(roles);
    }

    /** Returns the expiration time, at most {@link Instant#MAX}. */
    Instant end() {
        return Instant.ofEpochSecond(Math.min(until, Instant.MAX.getEpochSecond()));
    }
}
