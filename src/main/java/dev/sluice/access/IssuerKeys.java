package dev.sluice.access;

import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.KeyLocationResolver;
import org.jose4j.http.Get;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * The keys of whoever issues tokens, fetched with patience for one short attempt: a worker thread waits for them, and the
 * library would let a host that swallows packets have it for 80 s.
 */
final class IssuerKeys extends KeyLocationResolver {
    private static final int PATIENCE_MILLIS = 2_000;

    /** Fetches the keys; blocks for twice {@value #PATIENCE_MILLIS} ms at most, to connect and to read. */
    IssuerKeys(JWTAuthContextInfo tokens) throws UnresolvableKeyException {
        super(tokens);
    }

    @Override
    protected Get getHttpGet() {
        Get get = super.getHttpGet();
        get.setConnectTimeout(PATIENCE_MILLIS);
        get.setReadTimeout(PATIENCE_MILLIS);
        get.setRetries(0);
        return get;
    }

    /**
     * The library takes keys that are younger than 300 ms for fresh, whatever a token says, and counts that as the one
     * time it asked in a minute: a key that was rotated in just then would stay unknown until the minute is over.
     */
    @Override
    protected HttpsJwks getHttpsJwks(String location) {
        HttpsJwks keys = super.getHttpsJwks(location);
        keys.setRefreshReprieveThreshold(0);
        return keys;
    }
}
