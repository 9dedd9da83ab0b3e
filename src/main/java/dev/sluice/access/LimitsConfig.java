package dev.sluice.access;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/**
 * Limits of the callers of one instance: {@code sluice.access.limits.*}. Policy: a further request is rejected with 429
 * and {@code Retry-After}.
 */
@ConfigMapping(prefix = "sluice.access.limits")
public interface LimitsConfig {

    /** Maximum number of requests per second of one caller. */
    @WithDefault("1000")
    @AtLeast("1")
    @AtMost("1000000000")
    long requestsPerSecond();

    /**
     * Maximum number of request body bytes per second of one caller. Policy: a further request is rejected; a bulk
     * publish in progress is read at this rate instead.
     */
    @WithDefault("32M")
    @AtLeast("1")
    @AtMost("1000000000")
    MemorySize bytesPerSecond();

    /**
     * Maximum number of concurrent requests of one caller, including tails, waiting fetches and requests whose
     * body is still arriving.
     */
    @WithDefault("500")
    @AtLeast("1")
    int openRequests();

    /**
     * Maximum number of concurrent fetches of one caller, each of them a waiting pull. Should be less than
     * {@code sluice.http.fetch.max-waiting}.
     */
    @WithDefault("64")
    @AtLeast("1")
    int openFetches();

    /**
     * Maximum number of concurrent publishes of several messages of one caller that wait for their stream: bulk publishes,
     * atomic batches and batches of events. Should be less than {@code sluice.publish.streams}, so that one caller does not
     * stop the others.
     */
    @WithDefault("8")
    @AtLeast("1")
    int openBulkPublishes();

    /**
     * Maximum number of concurrent reads of stored messages of one caller ({@code GET …/messages}). Should be less than
     * {@code sluice.events.max-reads}.
     */
    @WithDefault("16")
    @AtLeast("1")
    int openReads();

    /**
     * Maximum number of concurrent listings of keys and objects of one caller. Should be less than
     * {@code sluice.bucket.listings} and {@code sluice.object.listings}.
     */
    @WithDefault("8")
    @AtLeast("1")
    int openListings();

    /**
     * Maximum number of concurrent uploads of objects of one caller. Should be less than {@code sluice.publish.uploads}.
     */
    @WithDefault("16")
    @AtLeast("1")
    int openUploads();

    /**
     * Maximum number of concurrent downloads of objects of one caller. Should be less than
     * {@code sluice.object.downloads}.
     */
    @WithDefault("64")
    @AtLeast("1")
    int openDownloads();

    /**
     * Maximum number of filters of one caller's open tails. Tails with the same subjects and filters are counted once,
     * because their filters are evaluated once.
     */
    @WithDefault("256")
    @AtLeast("1")
    int openFilters();

    /** Maximum number of filters of all open tails. Tails with the same subjects and filters are counted once. */
    @WithDefault("1024")
    @AtLeast("1")
    int instanceOpenFilters();

    /** Maximum number of requests per second of all callers, including unauthenticated ones. */
    @WithDefault("100000")
    @AtLeast("1")
    @AtMost("1000000000")
    long instanceRequestsPerSecond();

    /**
     * Maximum number of request body bytes per second of all admitted requests. Policy: a further request is rejected;
     * a bulk publish in progress is read at this rate instead.
     */
    @WithDefault("512M")
    @AtLeast("1")
    @AtMost("1000000000")
    MemorySize instanceBytesPerSecond();

    /**
     * Maximum number of questions per second to the token issuers about tokens (introspection). An answer is known for
     * {@code quarkus.oidc.token-cache.time-to-live}, a refusal for 5 s.
     */
    @WithDefault("200")
    @AtLeast("1")
    @AtMost("1000000000")
    long introspectionsPerSecond();

    /** Maximum number of callers whose quotas are remembered. */
    @WithDefault("10000")
    @AtLeast("1")
    long callers();
}
