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
 * The public keys of the token issuer. A fetch is one attempt with a short timeout, because a worker thread waits for
 * it: with the defaults of the library, a host that drops packets blocks that thread for 80 s.
 *
 * <p>A token with an unknown key can be the result of a key rotation, or a forgery. The keys are therefore fetched
 * again for it, but at most once in {@value #PAUSE_SECONDS} s: forged tokens cannot delay the detection of a new key
 * for longer, nor cause more requests to the issuer. At most {@value #MOST_WAITING} threads wait for a fetch; further
 * tokens with an unknown key are rejected. Thread-safe.
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

    /** Fetches the keys. Blocks for at most twice {@value #PATIENCE_MILLIS} ms, to connect and to read. */
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

    /** Disables a rule of the library: it does not refresh keys that are younger than 300 ms. */
    @Override
    protected HttpsJwks getHttpsJwks(String location) {
        HttpsJwks keys = super.getHttpsJwks(location);
        keys.setRefreshReprieveThreshold(0);
        return keys;
    }

    /** Replaces the library's rule, which supports only whole minutes and lets every thread wait. */
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

    /** Fetches the keys, unless another thread has fetched them during the wait for the lock. */
    private synchronized boolean fetchOnce() {
        if (justAsked()) {
            return true;
        }
        try {
            httpsJwks.refresh();
            refreshes.happened(Outcome.FETCHED);
            return true;
        } catch (JoseException | IOException e) {
            LOG.warnf("Cannot fetch the keys of the token issuer, the old keys stay in use: %s", e.getMessage());
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
