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
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The expiration times of renewed sessions, and the sessions that the issuer has ended, in a bucket that all instances
 * share. An event stream of a session ends when the tokens expire with which it was opened, unless the session was
 * renewed in the meantime, by a request to any instance. If the issuer has ended the session, no request can renew it,
 * and its event streams end. They end at once if the issuer notifies one of the instances.
 */
@Singleton
public final class Sessions {
    private static final Logger LOG = Logger.getLogger(Sessions.class);
    /** Tokens that are valid for longer are not remembered: event streams do not last that long. */
    private static final Duration REMEMBERED = Duration.ofHours(24);

    private static final long MOST_BYTES = 64L << 20;
    /** Ends of sessions that an instance remembers. Policy: of more, some sessions end only when their tokens expire. */
    private static final int MOST_ENDED = 100_000;

    private static final Backoff PAUSES = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final @Nullable Bucket renewed;
    private final boolean told;
    private final Cache<String, Long> ended = Caffeine.newBuilder()
            .maximumSize(MOST_ENDED)
            .expireAfterWrite(REMEMBERED)
            .evictionListener(this::evicted)
            .build();
    private final LongAdder forgotten = new LongAdder();
    private Cancellable watch = () -> {};

    @Inject
    Sessions(OidcTenants tenants, Buckets buckets, AccessConfig config) {
        renewed = tenants.signIn()
                ? buckets.open(
                        new BucketDefinition("sluice_sessions", 1, REMEMBERED, config.ticketReplicas(), MOST_BYTES))
                : null;
        told = tenants.backChannelLogout();
    }

    /** Watches the bucket for sessions that the issuer has ended, whichever instance it notified. */
    void start(@Observes StartupEvent event) {
        Bucket bucket = renewed;
        if (bucket != null && told) {
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

    /** Returns how long {@code caller} may keep an event stream open. */
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
            throw Failure.UNAUTHENTICATED.because("The token issuer has ended the session");
        }
    }

    /** Returns whether this instance knows that the issuer has ended the session. */
    boolean ended(Session session) {
        return ended(session.key(), session) || ended(session.userKey(), session);
    }

    private boolean ended(String key, Session session) {
        Long until = ended.getIfPresent(key);
        return until != null && session.issued() <= until;
    }

    private void remember(SessionEnd end) {
        ended.asMap().merge(end.key(), end.until(), Math::max);
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
            record(bucket.put(new BucketKey(end.key()), end.value()), "The end of a session is not recorded");
        }
    }

    /** Records a renewal in the background. If that fails, the event streams of the session end, and are opened again. */
    void renewed(@Observes SecurityEvent event) {
        Bucket bucket = renewed;
        boolean renewal = event.getEventType() == SecurityEvent.Type.OIDC_SESSION_REFRESHED
                || event.getEventType() == SecurityEvent.Type.OIDC_SESSION_EXPIRED_AND_REFRESHED;
        if (bucket != null && renewal && event.getSecurityIdentity().getPrincipal() instanceof JsonWebToken token) {
            record(
                    renew(
                            bucket,
                            new BucketKey(Session.of(token).key()),
                            Instant.ofEpochSecond(token.getExpirationTime())),
                    "A renewed session is not recorded");
        }
    }

    /** Never overwrites the end of a session, which another instance may record at the same time. */
    private static Uni<?> renew(Bucket bucket, BucketKey session, Instant end) {
        return bucket.latest(session)
                .chain(found -> found.flatMap(SessionEnd::read).isPresent()
                        ? Uni.createFrom().nullItem()
                        : bucket.update(
                                session,
                                value(end),
                                found.map(BucketEntry::revision).orElse(0L)))
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .recoverWithNull();
    }

    private static void record(Uni<?> write, String complaint) {
        write.subscribe().with(stored -> {}, failure -> LOG.warnf("%s: %s", complaint, failure.getMessage()));
    }

    private static byte[] value(Instant end) {
        return Long.toString(end.getEpochSecond()).getBytes(StandardCharsets.US_ASCII);
    }

    private static Uni<Instant> latest(Bucket bucket, Session session, Instant known) {
        return bucket.latest(new BucketKey(session.key())).map(found -> found.map(Sessions::end)
                .filter(end -> end.equals(Instant.EPOCH) || known.isBefore(end))
                .orElse(known));
    }

    /** Returns the expiration time of a renewed session, {@link Instant#EPOCH} if the session has ended. */
    private static Instant end(BucketEntry entry) {
        return Instant.ofEpochSecond(Long.parseLong(new String(entry.value(), StandardCharsets.US_ASCII)));
    }
}
