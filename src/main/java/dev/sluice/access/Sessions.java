package dev.sluice.access;

import dev.sluice.flow.Validity;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.Buckets;
import io.quarkus.oidc.SecurityEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The expiration times of renewed sessions, in a bucket that all replicas share. An event stream of a session ends when
 * the tokens expire with which it was opened, unless the session was renewed in the meantime, by a request to any
 * replica. If the issuer has ended the session, no request can renew it, and its event streams end.
 */
@Singleton
public final class Sessions {
    private static final Logger LOG = Logger.getLogger(Sessions.class);
    /** Tokens that are valid for longer are not remembered: event streams do not last that long. */
    private static final Duration REMEMBERED = Duration.ofHours(24);

    private static final long MOST_BYTES = 64L << 20;

    private final @Nullable Bucket renewed;

    @Inject
    Sessions(OidcTenants tenants, Buckets buckets, AccessConfig config) {
        renewed = tenants.signIn()
                ? buckets.open(
                        new BucketDefinition("sluice_sessions", 1, REMEMBERED, config.ticketReplicas(), MOST_BYTES))
                : null;
    }

    /**
     * Returns the key of the session of an ID token: it is the same for every token of the session. An issuer that does
     * not tell its sessions apart has one session for each user.
     */
    static String id(JsonWebToken token) {
        String session = token.getClaim("sid") instanceof String sid ? "sid " + sid : "sub " + token.getSubject();
        byte[] content = (token.getIssuer() + " " + session).getBytes(StandardCharsets.UTF_8);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Returns how long {@code caller} may keep an event stream open. */
    public Validity validity(Caller caller) {
        String session = caller.identity().session();
        Bucket bucket = renewed;
        return session == null || bucket == null
                ? Validity.until(caller.until())
                : new Validity(caller.until(), () -> latest(bucket, session, caller.until()));
    }

    /** Records a renewal in the background. If that fails, the event streams of the session end, and are opened again. */
    void renewed(@Observes SecurityEvent event) {
        Bucket bucket = renewed;
        boolean renewal = event.getEventType() == SecurityEvent.Type.OIDC_SESSION_REFRESHED
                || event.getEventType() == SecurityEvent.Type.OIDC_SESSION_EXPIRED_AND_REFRESHED;
        if (bucket != null && renewal && event.getSecurityIdentity().getPrincipal() instanceof JsonWebToken token) {
            String end = Long.toString(token.getExpirationTime());
            bucket.put(new BucketKey(id(token)), end.getBytes(StandardCharsets.US_ASCII))
                    .subscribe()
                    .with(
                            stored -> {},
                            failure -> LOG.warnf("A renewed session is not recorded: %s", failure.getMessage()));
        }
    }

    private static Uni<Instant> latest(Bucket bucket, String session, Instant known) {
        return bucket.latest(new BucketKey(session))
                .map(found -> found.map(Sessions::end).filter(known::isBefore).orElse(known));
    }

    private static Instant end(BucketEntry entry) {
        return Instant.ofEpochSecond(Long.parseLong(new String(entry.value(), StandardCharsets.US_ASCII)));
    }
}
