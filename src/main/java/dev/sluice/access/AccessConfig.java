package dev.sluice.access;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Who may do what: {@code sluice.access.*}. */
@ConfigMapping(prefix = "sluice.access")
public interface AccessConfig {

    /** How callers are let in. Set in development and test; production has no default and does not start without one. */
    Optional<Mode> mode();

    /**
     * What tokens are signed with: 32 bytes or more, the same on every replica. Random without it, and then a token is
     * good at the instance that gave it until that ends; {@code secured} in production does not start like that.
     */
    Optional<String> tokenSecret();

    /** The ways to let callers in. */
    enum Mode {
        /** Everybody may do everything that is not reserved: for a laptop, or behind a proxy that guards the door. */
        OPEN
    }
}
