package dev.sluice.access;

import dev.sluice.nats.Subject;
import dev.sluice.stream.JetStreamConfig;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Validates the access configuration at startup, except for the issuers of tokens ({@link OidcTenants}). */
@Startup
@Singleton
final class AccessConfigValidator {
    private static final Logger LOG = Logger.getLogger(AccessConfigValidator.class);

    private final AccessConfig config;

    @Inject
    AccessConfigValidator(
            AccessConfig config,
            Roles roles,
            JetStreamConfig jetStream,
            @ConfigProperty(name = "quarkus.http.cors.origins") Optional<List<String>> origins) {
        this.config = config;
        requireExplicit(origins.orElse(List.of()));
        if (config.mode() == AccessConfig.Mode.SECURED) {
            if (roles.none()) {
                LOG.warn("sluice.access.roles is not set: callers have only the permissions in the claim "
                        + config.permissionsClaim() + " of their tokens");
            }
            warnOfReachableApi(jetStream.apiPrefix());
        } else if (LaunchMode.current() == LaunchMode.NORMAL) {
            LOG.warn("sluice.access.mode=open: every client that reaches this port can publish and read everything");
        }
    }

    private static void warnOfReachableApi(String prefix) {
        if (!Subject.reserved(prefix)) {
            LOG.warnf(
                    "sluice.pull.api-prefix=%s does not begin with $, so it is not reserved:"
                            + " a role that may request or publish %s.> reaches the JetStream API",
                    prefix, prefix);
        }
    }

    /** Returns the validated configuration. A bean that reads it here is created after the validation. */
    AccessConfig checked() {
        return config;
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
}
