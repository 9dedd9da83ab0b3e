package dev.sluice.access;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Validates the access configuration at startup. An instance that could not identify its callers, or would accept
 * tokens of any issuer, does not start.
 */
@Startup
@Singleton
final class AccessConfigValidator {
    private static final Logger LOG = Logger.getLogger(AccessConfigValidator.class);
    private static final int MAX_SKEW_SECONDS = 60;

    private final AccessConfig config;

    @Inject
    AccessConfigValidator(
            AccessConfig config,
            Roles roles,
            JWTAuthContextInfo tokens,
            @ConfigProperty(name = "quarkus.http.cors.origins") Optional<List<String>> origins) {
        this.config = config;
        requireExplicit(origins.orElse(List.of()));
        if (config.mode() == AccessConfig.Mode.SECURED) {
            requireIdentities(tokens);
            if (roles.none()) {
                LOG.warn("sluice.access.roles is not set: callers have only the permissions in the claim "
                        + config.permissionsClaim() + " of their tokens");
            }
        } else if (LaunchMode.current() == LaunchMode.NORMAL) {
            LOG.warn("sluice.access.mode=open: every client that reaches this port can publish and read everything");
        }
    }

    /** Returns the validated configuration. A bean that reads it here is created after the validation. */
    AccessConfig checked() {
        return config;
    }

    @SuppressWarnings("deprecation") // the deprecated skew property still overrides the new one
    private static void requireIdentities(JWTAuthContextInfo tokens) {
        if (tokens.getPublicKeyLocation() == null && tokens.getPublicKeyContent() == null) {
            throw new ConfigurationException("Sluice does not start in production without authentication: set"
                    + " mp.jwt.verify.publickey.location (MP_JWT_VERIFY_PUBLICKEY_LOCATION) to the public key or the"
                    + " JWKS of the token issuer, or SLUICE_ACCESS_MODE=open behind a proxy that controls access");
        }
        if (tokens.getIssuedBy() == null) {
            throw missing("mp.jwt.verify.issuer", "the iss claim of trusted tokens");
        }
        if (tokens.getExpectedAudience() == null) {
            throw missing("mp.jwt.verify.audiences", "the aud claim of tokens for Sluice");
        }
        if (tokens.getSecretKeyContent() != null || tokens.getSecretVerificationKey() != null) {
            throw new ConfigurationException(
                    "Sluice accepts no tokens signed with a shared secret: unset" + " smallrye.jwt.verify.secretkey");
        }
        if (tokens.getSignatureAlgorithm().stream()
                .anyMatch(it -> it.getAlgorithm().startsWith("HS"))) {
            throw new ConfigurationException("mp.jwt.verify.publickey.algorithm allows public key algorithms only");
        }
        if (Math.max(tokens.getClockSkew(), tokens.getExpGracePeriodSecs()) > MAX_SKEW_SECONDS) {
            throw new ConfigurationException("mp.jwt.verify.clock.skew is at most " + MAX_SKEW_SECONDS + " seconds");
        }
    }

    /**
     * Rejects {@code *} and regular expressions. Quarkus accepts them and by default allows cookies for the origins
     * that match.
     */
    private static void requireExplicit(List<String> origins) {
        for (String origin : origins) {
            if (origin.equals("*") || origin.startsWith("/")) {
                throw new ConfigurationException("quarkus.http.cors.origins must list each origin, not " + origin);
            }
        }
    }

    private static ConfigurationException missing(String key, String what) {
        String variable = key.toUpperCase(Locale.ROOT).replace('.', '_');
        return new ConfigurationException("sluice.access.mode=secured needs " + key + " (" + variable + "), " + what);
    }
}
