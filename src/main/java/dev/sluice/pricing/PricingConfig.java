package dev.sluice.pricing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** Price lookups: {@code sluice.pricing.*}. */
@ConfigMapping(prefix = "sluice.pricing")
public interface PricingConfig {

    /** Whether this instance keeps the bucket of prices, serves {@code pricing.lookup} and has its REST resource. */
    @WithDefault("true")
    boolean enabled();

    /** How long the REST resource waits for a lookup. Policy: 504. */
    @WithDefault("2s")
    @DurationMin(millis = 10)
    Duration timeout();

    /** On how many servers the bucket is kept; 3 in a cluster. */
    @WithDefault("1")
    @Min(1)
    @Max(5)
    int replicas();
}
