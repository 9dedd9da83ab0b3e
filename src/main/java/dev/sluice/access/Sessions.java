package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.sluice.failure.Failure;
import dev.sluice.flow.Backoff;
import dev.sluice.flow.Validity;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketDefinition;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.Buckets;
import io.quarkus.oidc.SecurityEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The expiration times of renewed sessions, and the sessions that the issuer or their users have ended, in a
 * bucket that all instances share. A tail of a session ends when the tokens expire with which it was opened,
 * unless the session was renewed in the meantime, by a request to any instance. If the session has ended, no
 * request can renew it, and its tails end. They end at once if one of the instances is told so: by the issuer, or
 * by the user who signs out.
 */
@Singleton
public final class Sessions {
    private static final Logger LOG = Logger.getLogger(Sessions.class);
    /** Tokens that are valid for longer are not remembered: tails do not last that long. */
    private static final Duration REMEMBERED = Duration.ofHours(24);

    private static final long MAX_BYTES = 64L << 20;
    /** Ends of sessions that an instance remembers. Policy: of more, some sessions end only when their tokens expire. */
    private static final int MAX_ENDED = 100_000;

    private static final Pattern TIME = Pattern.compile("[1-9][0-9]{0,11}");
    private static final Backoff PAUSES = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final @Nullable Bucket renewed;
    private final Cache<String, Long> ended = Caffeine.newBuilder()
            .maximumSize(MAX_ENDED)
            .expireAfterWrite(REMEMBERED)
            .evictionListener(this::evicted)
            .build();
    private final LongAdder forgotten = new LongAdder();
    private Cancellable watch = () -> {};

    @Inject
    Sessions(OidcTenants tenants, Buckets buckets, AccessConfig config) {
        renewed = tenants.signIn()
                ? buckets.open(
                        new BucketDefinition("sluice_sessions", 1, REMEMBERED, config.ticketReplicas(), MAX_BYTES))
                : null;
    }

    /** Watches the bucket for sessions that have ended, at whichever instance. */
    void start(@Observes StartupEvent event) {
        Bucket bucket = renewed;
        if (bucket != null) {
            watch = PAUSES.resubscribed(bucket.watchAll())
                    .subscribe()
                    .with(
                            entry -> SessionEnd.read(entry).ifPresent(this::remember),
                            failure -> LOG.error("The watch of ended sessions ended", failure));
        }
    }

    void stop(@Observes ShutdownEvent event) {
        watch.cancel();
    }

    /** Returns how long {@code caller} may keep a tail open. */
    public Validity validity(Caller caller) {
        Session session = caller.identity().session();
        Bucket bucket = renewed;
        return session == null || bucket == null
                ? Validity.until(caller.until())
                : new Validity(caller.until(), () -> latest(bucket, session, caller.until()), () -> ended(session));
    }

    /**
     * Requires that the credentials of {@code caller} have neither expired nor been revoked since its request began.
     *
     * @throws dev.sluice.failure.SluiceException {@code UNAUTHENTICATED}
     */
    public void requireValid(Caller caller) {
        if (!Instant.now().isBefore(caller.until())) {
            throw Failure.UNAUTHENTICATED.because("The credentials of this request have expired");
        }
        Session session = caller.identity().session();
        if (session != null && ended(session)) {
            throw Failure.UNAUTHENTICATED.because("The session has ended");
        }
    }

    /** As {@link #requireValid}, but credentials are also valid if the session was renewed since, at whichever instance. */
    public Uni<Void> requireValidOrRenewed(Caller caller) {
        return Uni.createFrom().deferred(() -> {
            Validity validity = validity(caller);
            Uni<Instant> until = Instant.now().isBefore(validity.until())
                    ? Uni.createFrom().item(validity.until())
                    : validity.latest().get();
            return until.invoke(end -> {
                        if (validity.revoked().getAsBoolean() || !Instant.now().isBefore(end)) {
                            throw Failure.UNAUTHENTICATED.because("The credentials of this request have expired");
                        }
                    })
                    .replaceWithVoid();
        });
    }

    /** Returns whether this instance knows that the session has ended. */
    boolean ended(Session session) {
        return ended(session.key(), session) || ended(session.userKey(), session);
    }

    private boolean ended(String key, Session session) {
        Long until = ended.getIfPresent(key);
        return until != null && session.issued() <= until;
    }

    private void remember(SessionEnd end) {
        ended.asMap().merge(end.key(), end.issuedUntil(), Math::max);
    }

    private void evicted(@Nullable String key, @Nullable Long until, RemovalCause cause) {
        if (cause == RemovalCause.SIZE) {
            forgotten.increment();
        }
    }

    /** Returns the number of ends that this instance has forgotten because there were too many. */
    public long forgotten() {
        return forgotten.sum();
    }

    /**
     * Ends sessions: at once at this instance, and in the background at the others. If that fails, they end them when their
     * tokens expire.
     */
    void end(SessionEnd end) {
        remember(end);
        Bucket bucket = renewed;
        if (bucket != null) {
            record(bucket.put(SessionEnd.entry(end.key()), end.value()), "The end of a session is not recorded");
        }
    }

    /** Observes what requests do with sessions: they renew them, or sign out here and at the issuer. */
    void observe(@Observes SecurityEvent event) {
        switch (event.getEventType()) {
            case OIDC_SESSION_REFRESHED, OIDC_SESSION_EXPIRED_AND_REFRESHED -> renew(event.getSecurityIdentity());
            case OIDC_LOGOUT_RP_INITIATED -> end(event.getSecurityIdentity());
            default -> {}
        }
    }

    /**
     * Ends the session that {@code identity} was authenticated with: the ID tokens that the issuer has made for it until
     * now. The issuer can continue its session under the same id, with new tokens, when the user signs in again.
     */
    void end(SecurityIdentity identity) {
        if (identity.getPrincipal() instanceof JsonWebToken token) {
            Session session = Session.of(token);
            end(new SessionEnd(session.key(), session.issued()));
        }
    }

    /** Records a renewal in the background. If that fails, the tails of the session end, and are opened again. */
    private void renew(SecurityIdentity identity) {
        Bucket bucket = renewed;
        if (bucket != null && identity.getPrincipal() instanceof JsonWebToken token) {
            record(
                    renew(bucket, Session.of(token), Instant.ofEpochSecond(token.getExpirationTime())),
                    "A renewed session is not recorded");
        }
    }

    private static Uni<?> renew(Bucket bucket, Session session, Instant end) {
        return ended(bucket, session)
                .chain(ended ->
                        ended ? Uni.createFrom().nullItem() : bucket.put(new BucketKey(session.key()), value(end)));
    }

    private static Uni<Boolean> ended(Bucket bucket, Session session) {
        return bucket.latest(SessionEnd.entry(session.key())).map(found -> found.flatMap(SessionEnd::read)
                .filter(end -> session.issued() <= end.issuedUntil())
                .isPresent());
    }

    private static void record(Uni<?> write, String complaint) {
        write.subscribe().with(stored -> {}, failure -> LOG.warnf("%s: %s", complaint, failure.getMessage()));
    }

    private static byte[] value(Instant end) {
        return Long.toString(end.getEpochSecond()).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Returns the expiration time of the session, which may have been renewed; {@link Instant#EPOCH} if it has ended.
     */
    private static Uni<Instant> latest(Bucket bucket, Session session, Instant known) {
        return ended(bucket, session)
                .chain(ended -> ended
                        ? Uni.createFrom().item(Instant.EPOCH)
                        : bucket.latest(new BucketKey(session.key())).map(found -> found.flatMap(Sessions::end)
                                .filter(known::isBefore)
                                .orElse(known)));
    }

    /** Returns the expiration time that an entry records. Another client may have written any value. */
    private static Optional<Instant> end(BucketEntry entry) {
        String value = new String(entry.value(), StandardCharsets.ISO_8859_1);
        return TIME.matcher(value).matches()
                ? Optional.of(Instant.ofEpochSecond(Long.parseLong(value)))
                : Optional.empty();
    }
}
