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
 * The secret behind every token that Sluice gives out, so that any replica takes what another one gave. No two purposes
 * share a key: a token of one kind never passes for one of another.
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

    /** @throws ConfigurationException if the secret is short, or missing where tokens guard something in production */
    TokenSecret(AccessConfig config, LaunchMode launch) {
        boolean guarded = config.mode() == AccessConfig.Mode.SECURED;
        if (config.tokenSecret().isPresent()) {
            secret = config.tokenSecret().get().getBytes(StandardCharsets.UTF_8);
        } else if (launch == LaunchMode.NORMAL && guarded) {
            throw new ConfigurationException("Sluice signs tokens and does not start without a secret in production:"
                    + " set sluice.access.token-secret (SLUICE_ACCESS_TOKEN_SECRET), 32 random bytes or more,"
                    + " the same on every replica");
        } else {
            secret = random();
            if (launch == LaunchMode.NORMAL) {
                LOG.warn("sluice.access.token-secret is not set: ack tokens are good at this instance only,"
                        + " until it ends");
            }
        }
        if (secret.length < MIN_BYTES) {
            throw new ConfigurationException("sluice.access.token-secret has 32 bytes or more");
        }
    }

    /** Seals and opens the tokens of one purpose, which is a word of the code and never changes. */
    public HmacSigner signerFor(String purpose) {
        return new HmacSigner(secret, purpose);
    }

    private static byte[] random() {
        byte[] bytes = new byte[MIN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
