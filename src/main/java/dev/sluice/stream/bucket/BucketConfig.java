package dev.sluice.stream.bucket;

import dev.sluice.config.AtLeast;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of key-value buckets: {@code sluice.bucket.*}. The limits of stored publishing apply to writes. */
@ConfigMapping(prefix = "sluice.bucket")
public interface BucketConfig {

    /** Maximum number of reads in flight, over all buckets. Policy: a further read is rejected with 429. */
    @WithDefault("2048")
    @AtLeast("1")
    int reads();

    /**
     * Maximum number of concurrent listings of keys. A page of a listing has a consumer of its own until it is read.
     * Policy: a further listing is rejected with 429.
     */
    @WithDefault("16")
    @AtLeast("1")
    int listings();

    /** Timeout of a read, or of one request about a bucket's stream. Policy: UNAVAILABLE. */
    @WithDefault("2s")
    @AtLeast("100ms")
    Duration timeout();

    /** Delay before the declaration of a bucket is retried after a failure. Grows to five times this value. */
    @WithDefault("2s")
    @AtLeast("50ms")
    Duration declareAgain();
}
