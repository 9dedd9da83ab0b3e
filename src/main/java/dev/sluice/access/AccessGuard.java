package dev.sluice.access;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Keeps a production instance from starting before somebody has decided who may use it. */
@Startup
@Singleton
final class AccessGuard {
    private static final Logger LOG = Logger.getLogger(AccessGuard.class);

    @Inject
    AccessGuard(AccessConfig config) {
        if (config.mode().isEmpty()) {
            throw new ConfigurationException(
                    "Sluice does not start without an access mode in production:"
                            + " set sluice.access.mode (SLUICE_ACCESS_MODE), for example to open behind a proxy that guards it");
        }
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            LOG.warn("sluice.access.mode=open: everybody who reaches this port may publish and read everything");
        }
    }
}
