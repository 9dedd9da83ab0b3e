package dev.sluice.access;

import dev.sluice.failure.Failure;
import io.smallrye.jwt.auth.principal.DefaultJWTTokenParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import java.time.Duration;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.jose4j.lang.UnresolvableKeyException;
import org.jspecify.annotations.Nullable;

/**
 * SmallRye's token parser with {@link IssuerKeys}. Until the keys have been fetched for the first time no token can be
 * verified, and parsing fails with {@code UNAVAILABLE}, which does not mean that the token is invalid. In this state
 * one thread at a time tries to fetch the keys, at most once a second; threads that wait for it fail with it.
 */
final class TokenParser extends DefaultJWTTokenParser {
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final KeyRefreshCounters refreshes;
    private volatile @Nullable IssuerKeys keys;
    private @Nullable Refused refused;

    TokenParser(KeyRefreshCounters refreshes) {
        this.refreshes = refreshes;
    }

    /** @throws dev.sluice.failure.SluiceException {@code UNAVAILABLE} if the keys have not been fetched yet */
    @Override
    protected VerificationKeyResolver getVerificationKeyResolver(JWTAuthContextInfo tokens) {
        IssuerKeys known = keys;
        return known == null ? fetch(tokens) : known;
    }

    private synchronized IssuerKeys fetch(JWTAuthContextInfo tokens) {
        IssuerKeys known = keys;
        if (known != null) {
            return known;
        }
        if (refused != null && System.nanoTime() - refused.at < PAUSE_NANOS) {
            throw unavailable(refused.cause);
        }
        try {
            IssuerKeys fetched = new IssuerKeys(tokens, refreshes);
            keys = fetched;
            refused = null;
            return fetched;
        } catch (UnresolvableKeyException e) {
            refused = new Refused(System.nanoTime(), e);
            throw unavailable(e);
        }
    }

    private static RuntimeException unavailable(UnresolvableKeyException cause) {
        return Failure.UNAVAILABLE.because("The keys to verify tokens cannot be fetched", cause);
    }

    private record Refused(long at, UnresolvableKeyException cause) {}
}
