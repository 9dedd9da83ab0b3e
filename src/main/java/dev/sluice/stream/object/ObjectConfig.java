package dev.sluice.stream.object;

import dev.sluice.config.AtLeast;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of object stores: {@code sluice.object.*}. {@code sluice.publish.uploads} limits uploads. */
@ConfigMapping(prefix = "sluice.object")
public interface ObjectConfig {

    /** Timeout of one request about an object store's stream. Policy: UNAVAILABLE. */
    @WithDefault("5s")
    @AtLeast("100ms")
    Duration timeout();

    /** Maximum number of concurrent downloads of objects. Policy: a further one is rejected with 429. */
    @WithDefault("128")
    @AtLeast("1")
    int downloads();

    /**
     * Maximum number of chunks of one download that wait for its client, without those of {@code read-ahead}. Policy: no more
     * chunks are read.
     */
    @WithDefault("4")
    @AtLeast("1")
    int downloadWindow();

    /**
     * Maximum size in bytes of the chunks that all downloads together read ahead beyond {@code download-window}. A download
     * reads up to 12 chunks more ahead while its client takes them faster than NATS sends them. Policy: the download goes on
     * without more of them.
     */
    @WithDefault("32M")
    @AtLeast("0")
    MemorySize readAhead();

    /**
     * Maximum time that a download waits for its next chunk while its client waits too. Policy: the connection ends
     * before the end of the object.
     */
    @WithDefault("10s")
    @AtLeast("1s")
    Duration stall();

    /** Maximum number of concurrent listings of objects. Policy: a further listing is rejected with 429. */
    @WithDefault("16")
    @AtLeast("1")
    int listings();

    /** Removal of chunks that belong to no object, as an upload leaves them behind if Sluice dies. */
    Sweep sweep();

    /** Settings of the sweep. */
    interface Sweep {

        /** Whether this instance sweeps. */
        @WithDefault("true")
        boolean enabled();

        /** Time between two sweeps of all object stores. The first one begins at a random time within it. */
        @WithDefault("1h")
        @AtLeast("1s")
        Duration interval();

        /**
         * Age of the newest chunk of an upload at which the chunks are removed if no object has them. It must be longer
         * than any client of NATS pauses within an upload. An upload to Sluice that waits for half of it for one chunk of
         * its body is rejected with 408.
         */
        @WithDefault("1h")
        @AtLeast("1s")
        Duration age();

        /** Maximum number of uploads whose chunks one sweep removes. Policy: the next sweep removes further ones. */
        @WithDefault("1000")
        @AtLeast("1")
        int most();
    }
}
