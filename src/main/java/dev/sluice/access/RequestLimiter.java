package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Enforces the limits of one instance. Each caller has limits on requests per second, bytes per second, and concurrent
 * requests, fetches and filters. The instance has limits on the requests, bytes and filters of all callers together. A
 * token bucket holds one second's worth, so a caller can start with a burst after a pause. In open mode all callers are
 * one caller, and only the instance limits apply.
 *
 * <p>Remembers a bounded number of callers. A caller is forgotten after {@link #REMEMBERED} without a request, or
 * earlier if there are too many callers; it then starts with a full quota. Thread-safe.
 */
@Singleton
final class RequestLimiter {
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Longer than the default lifetime of a tail, so that a caller with an open tail is not forgotten. */
    private static final Duration REMEMBERED = Duration.ofMinutes(30);

    private final LimitsConfig config;
    private final RejectionCounters rejections;
    private final TimeMeter time;
    private final Bucket requests;
    private final ByteBudget bytes;
    private final FilterBudget filters;
    private final Cache<String, CallerQuota> callers;

    @Inject
    RequestLimiter(LimitsConfig config, RejectionCounters rejections) {
        this(config, rejections, TimeMeter.SYSTEM_NANOTIME);
    }

    RequestLimiter(LimitsConfig config, RejectionCounters rejections, TimeMeter time) {
        this.config = config;
        this.rejections = rejections;
        this.time = time;
        this.requests = bucket(config.instanceRequestsPerSecond(), time);
        this.bytes = new ByteBudget(config.instanceBytesPerSecond(), time);
        this.filters = new FilterBudget(config.instanceOpenFilters());
        this.callers = Caffeine.newBuilder()
                .maximumSize(config.callers())
                .expireAfterAccess(REMEMBERED)
                .build();
    }

    /**
     * Checks the instance limits, before authentication.
     *
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, with the name of the limit
     */
    void admit() {
        if (!requests.tryConsume(1)) {
            throw rejections.reached(
                    AccessLimit.INSTANCE_REQUESTS_PER_SECOND,
                    "This instance accepts at most " + config.instanceRequestsPerSecond() + " requests per second");
        }
        if (bytes.spent()) {
            throw rejections.reached(
                    AccessLimit.INSTANCE_BYTES_PER_SECOND,
                    "This instance accepts at most " + bytes.perSecond() + " bytes per second");
        }
    }

    /**
     * Counts the request against the quota of {@code caller} until its response has ended.
     *
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, with the name of the limit
     */
    void admit(Caller caller, RoutingContext request) {
        OpenRequest.begin(request, this, quota(caller));
    }

    /** Counts the request in open mode, where all callers are one caller. */
    void admitAnybody(RoutingContext request) {
        OpenRequest.begin(request, this, null);
    }

    /** Returns the byte limit of all callers together. */
    ByteBudget bytes() {
        return bytes;
    }

    /** @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, with the name of the limit */
    void beginFilters(Object view, int count) {
        if (!filters.take(view, count)) {
            throw rejections.reached(
                    AccessLimit.INSTANCE_OPEN_FILTERS,
                    "The tails of this instance may have at most " + config.instanceOpenFilters()
                            + " distinct filters");
        }
    }

    void endFilters(Object view, int count) {
        filters.giveBack(view, count);
    }

    CallerQuota quota(Caller caller) {
        return callers.get(caller.identity().account(), account -> new CallerQuota(config, rejections, time));
    }

    /** Returns the number of remembered callers. For tests. */
    long remembered() {
        callers.cleanUp();
        return callers.estimatedSize();
    }

    static Bucket bucket(long perSecond, TimeMeter time) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, SECOND))
                .withCustomTimePrecision(time)
                .build();
    }
}
