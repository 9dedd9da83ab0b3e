package dev.sluice.access;

import dev.sluice.access.KeyRefreshCounters.Outcome;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.KeyLocationResolver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;
import org.jose4j.http.Get;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * The keys of whoever issues tokens, fetched with patience for one short attempt: a worker thread waits for them, and the
 * library would let a host that swallows packets have it for 80 s.
 *
 * <p>A token that names a key which is not known may come of a rotation, and may be anybody's invention. So they are
 * fetched for it, but once in {@value #PAUSE_SECONDS} s: strangers who invent keys cannot keep a new one from being
 * noticed for longer, nor have the issuer asked more often. Few threads wait for that at once; the others' tokens are
 * refused.
 */
final class IssuerKeys extends KeyLocationResolver {
    static final int PAUSE_SECONDS = 5;

    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final long PAUSE_NANOS = Duration.ofSeconds(PAUSE_SECONDS).toNanos();
    private static final int PATIENCE_MILLIS = 2_000;
    private static final int MOST_WAITING = 16;

    private final KeyRefreshCounters refreshes;
    private final Semaphore waiting = new Semaphore(MOST_WAITING);
    private volatile long asked = System.nanoTime() - PAUSE_NANOS;

    /** Fetches the keys; blocks for twice {@value #PATIENCE_MILLIS} ms at most, to connect and to read. */
    IssuerKeys(JWTAuthContextInfo tokens, KeyRefreshCounters refreshes) throws UnresolvableKeyException {
        super(tokens);
        this.refreshes = refreshes;
    }

    @Override
    protected Get getHttpGet() {
        Get get = super.getHttpGet();
        get.setConnectTimeout(PATIENCE_MILLIS);
        get.setReadTimeout(PATIENCE_MILLIS);
        get.setRetries(0);
        return get;
    }

    /** The library takes keys that are younger than 300 ms for fresh, whatever a token says. */
    @Override
    protected HttpsJwks getHttpsJwks(String location) {
        HttpsJwks keys = super.getHttpsJwks(location);
        keys.setRefreshReprieveThreshold(0);
        return keys;
    }

    /** The library's own rule knows whole minutes only, and lets every thread wait. */
    @Override
    protected boolean forcedHttpsJwksRefresh() {
        if (justAsked()) {
            return refused(Outcome.TOO_SOON);
        }
        if (!waiting.tryAcquire()) {
            return refused(Outcome.TOO_MANY);
        }
        try {
            return fetchOnce();
        } finally {
            waiting.release();
        }
    }

    /** Whoever waited while another fetched finds what that brought. */
    private synchronized boolean fetchOnce() {
        if (justAsked()) {
            return true;
        }
        try {
            httpsJwks.refresh();
            refreshes.happened(Outcome.FETCHED);
            return true;
        } catch (JoseException | IOException e) {
            LOG.warnf("The keys of the tokens' issuer could not be fetched, the old ones stay: %s", e.getMessage());
            return refused(Outcome.FAILED);
        } finally {
            asked = System.nanoTime();
        }
    }

    private boolean refused(Outcome why) {
        refreshes.happened(why);
        return false;
    }

    private boolean justAsked() {
        return System.nanoTime() - asked < PAUSE_NANOS;
    }
}
