package dev.sluice.pricing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** Settings of the price lookup: {@code sluice.pricing.*}. */
@ConfigMapping(prefix = "sluice.pricing")
public interface PricingConfig {

    /** Whether this instance keeps the price bucket, serves {@code pricing.lookup} and offers the REST resource. */
    @WithDefault("true")
    boolean enabled();

    /** Timeout of a lookup by the REST resource. Policy: 504. */
    @WithDefault("2s")
    @DurationMin(millis = 10)
    Duration timeout();

    /** Number of replicas of the price bucket; 3 in a cluster. */
    @WithDefault("1")
    @Min(1)
    @Max(5)
    int replicas();
}
