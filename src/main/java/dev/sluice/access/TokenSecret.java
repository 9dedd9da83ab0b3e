package dev.sluice.access;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.jboss.logging.Logger;

/**
 * The secret from which the keys of Sluice's own tokens are derived, so that any instance accepts the tokens of the
 * others. Each purpose has its own key: a token of one purpose is never valid for another.
 */
@Startup
@Singleton
public final class TokenSecret {
    private static final Logger LOG = Logger.getLogger(TokenSecret.class);
    private static final int MIN_BYTES = 32;

    private final byte[] secret;

    @Inject
    TokenSecret(AccessConfigValidator guard) {
        this(guard.checked(), LaunchMode.current());
    }

    /** @throws ConfigurationException if the secret is too short, or missing in production in {@code secured} mode */
    TokenSecret(AccessConfig config, LaunchMode launch) {
        boolean guarded = config.mode() == AccessConfig.Mode.SECURED;
        if (config.tokenSecret().isPresent()) {
            secret = config.tokenSecret().get().getBytes(StandardCharsets.UTF_8);
        } else if (launch == LaunchMode.NORMAL && guarded) {
            throw new ConfigurationException("Sluice signs tokens and does not start in production without a secret:"
                    + " set sluice.access.token-secret (SLUICE_ACCESS_TOKEN_SECRET), 32 random bytes or more,"
                    + " the same on every instance");
        } else {
            secret = random();
            if (launch == LaunchMode.NORMAL) {
                LOG.warn("sluice.access.token-secret is not set: ack tokens are valid only on this instance,"
                        + " until it stops");
            }
        }
        if (secret.length < MIN_BYTES) {
            throw new ConfigurationException("sluice.access.token-secret must have at least 32 bytes");
        }
    }

    /** Returns the signer of one purpose. {@code purpose} is a constant in the code and must never change. */
    public HmacSigner signerFor(String purpose) {
        return new HmacSigner(secret, purpose);
    }

    private static byte[] random() {
        byte[] bytes = new byte[MIN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
