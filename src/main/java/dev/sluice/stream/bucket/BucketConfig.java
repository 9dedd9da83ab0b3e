package dev.sluice.stream.bucket;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** The bounds of key-value buckets: {@code sluice.bucket.*}. Values are put within those of stored publishing. */
@ConfigMapping(prefix = "sluice.bucket")
public interface BucketConfig {

    /** How many reads may wait for an answer at once, over all buckets. Policy: one more is refused, OVERLOADED. */
    @WithDefault("2048")
    @Min(1)
    int reads();

    /** How long a read, or one question about a bucket's stream, waits for its answer. Policy: UNAVAILABLE. */
    @WithDefault("2s")
    @DurationMin(millis = 100)
    Duration timeout();

    /** The pause before a bucket that could not be declared is tried again. */
    @WithDefault("2s")
    @DurationMin(millis = 50)
    Duration declareAgain();
}
