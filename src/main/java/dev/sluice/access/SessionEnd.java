package dev.sluice.access;

import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The end of sessions at the token issuer: of one session, or of all that a user had at that time. Later sessions of the
 * user are not affected.
 *
 * @param key the key of the session or of the user
 * @param issuedUntil ends the sessions whose ID token was issued at this time or earlier, in Unix seconds
 */
record SessionEnd(String key, long issuedUntil) {
    /** Begins the key of an entry, so that no renewal overwrites an end. */
    private static final String ENTRY = "end.";

    private static final long ALWAYS = Long.MAX_VALUE;
    private static final Pattern VALUE = Pattern.compile("0|-[1-9][0-9]{0,17}");

    /**
     * Returns the end that a verified logout token reports (OpenID Connect Back-Channel Logout 1.0, section 2.4), or nothing
     * if the token names neither a session nor a user.
     */
    static Optional<SessionEnd> of(JsonObject logout) {
        String issuer = logout.getString("iss");
        if (logout.getValue(Session.ID_CLAIM) instanceof String session) {
            return Optional.of(new SessionEnd(Session.key(issuer, session), ALWAYS));
        }
        return logout.getValue("sub") instanceof String user
                ? Optional.of(new SessionEnd(
                        Session.userKey(issuer, user),
                        logout.getLong("iat", Instant.now().getEpochSecond())))
                : Optional.empty();
    }

    /** Returns the end that an entry of the bucket records. Another client may have written any value. */
    static Optional<SessionEnd> read(BucketEntry entry) {
        String value = new String(entry.value(), StandardCharsets.ISO_8859_1);
        if (!entry.key().startsWith(ENTRY) || !VALUE.matcher(value).matches()) {
            return Optional.empty();
        }
        long until = -Long.parseLong(value);
        return Optional.of(new SessionEnd(entry.key().substring(ENTRY.length()), until == 0 ? ALWAYS : until));
    }

    /** Returns the key of the entry that records an end of {@code key}, the key of a session or a user. */
    static BucketKey entry(String key) {
        return new BucketKey(ENTRY + key);
    }

    /** Returns the value of the entry that records this end. No expiration time has this form. */
    byte[] value() {
        return (issuedUntil == ALWAYS ? "0" : Long.toString(-issuedUntil)).getBytes(StandardCharsets.US_ASCII);
    }
}
