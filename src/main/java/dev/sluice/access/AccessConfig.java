package dev.sluice.access;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Who may do what: {@code sluice.access.*}. */
@ConfigMapping(prefix = "sluice.access")
public interface AccessConfig {

    /** How callers are let in. Set in development and test; production has no default and does not start without one. */
    Optional<Mode> mode();

    /** The ways to let callers in. */
    enum Mode {
        /** Everybody may do everything that is not reserved: for a laptop, or behind a proxy that guards the door. */
        OPEN
    }
}
