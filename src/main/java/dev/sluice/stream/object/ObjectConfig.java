package dev.sluice.stream.object;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** Limits of object stores: {@code sluice.object.*}. {@code sluice.publish.uploads} limits uploads. */
@ConfigMapping(prefix = "sluice.object")
public interface ObjectConfig {

    /** Timeout of one request about an object store's stream. Policy: UNAVAILABLE. */
    @WithDefault("5s")
    @DurationMin(millis = 100)
    Duration timeout();

    /** Maximum number of concurrent downloads of objects. Policy: a further one is rejected with OVERLOADED. */
    @WithDefault("128")
    @Min(1)
    int downloads();

    /** Maximum number of chunks of one download that wait for its client. Policy: no more chunks are read. */
    @WithDefault("4")
    @Min(1)
    int downloadWindow();

    /**
     * Maximum time that a download waits for its next chunk while its client waits too. Policy: the connection ends
     * before the end of the object.
     */
    @WithDefault("10s")
    @DurationMin(seconds = 1)
    Duration stall();

    /** Maximum number of concurrent listings of objects. Policy: a further listing is rejected with OVERLOADED. */
    @WithDefault("16")
    @Min(1)
    int listings();
}
