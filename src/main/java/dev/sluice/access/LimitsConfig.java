package dev.sluice.access;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/** How much of one instance a caller may take: {@code sluice.access.limits.*}. Policy: 429 with {@code Retry-After}. */
@ConfigMapping(prefix = "sluice.access.limits")
public interface LimitsConfig {

    /** Requests of one caller. */
    @WithDefault("1000")
    @Min(1)
    @Max(1_000_000_000)
    long requestsPerSecond();

    /** Bytes in the bodies of one caller's requests. A bulk publish is not refused but read no faster. */
    @WithDefault("32M")
    MemorySize bytesPerSecond();

    /** Requests of one caller that are open at once: event streams, fetches that wait, bodies that arrive. */
    @WithDefault("500")
    @Min(1)
    int openRequests();

    /** Fetches of one caller that are open at once, each a pull that waits; fewer than {@code sluice.http.fetch.max-waiting}. */
    @WithDefault("64")
    @Min(1)
    int openFetches();

    /**
     * Filters of one caller's open event streams. Streams that ask for the same subjects with the same filters are counted
     * once, as their filters are evaluated once.
     */
    @WithDefault("256")
    @Min(1)
    int openFilters();

    /** Filters of all open event streams together; those of equal streams are counted once. */
    @WithDefault("1024")
    @Min(1)
    int instanceOpenFilters();

    /** Requests of all callers together, whoever they are. */
    @WithDefault("100000")
    @Min(1)
    @Max(1_000_000_000)
    long instanceRequestsPerSecond();

    /** Bytes in the bodies of all who were let in. A bulk publish is not refused but read no faster. */
    @WithDefault("512M")
    MemorySize instanceBytesPerSecond();

    /** Most callers that are remembered. */
    @WithDefault("10000")
    @Min(1)
    long callers();
}
