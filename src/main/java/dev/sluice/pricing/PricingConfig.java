package dev.sluice.pricing;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the price lookup: {@code sluice.pricing.*}. */
@ConfigMapping(prefix = "sluice.pricing")
public interface PricingConfig {

    /** Whether this instance keeps the price bucket, serves {@code pricing.lookup} and offers the REST resource. */
    @WithDefault("true")
    boolean enabled();

    /** Timeout of a lookup by the REST resource. Policy: 504. */
    @WithDefault("2s")
    @AtLeast("10ms")
    Duration timeout();

    /** Number of replicas of the price bucket; 3 in a cluster. */
    @WithDefault("1")
    @AtLeast("1")
    @AtMost("5")
    int replicas();
}
