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
 * How much of one instance each caller may take: requests a second, bytes a second, requests, fetches and filters that
 * are open at once; and the requests, the bytes and the filters of all of them together. A token bucket holds one second's worth, so a caller that
 * was quiet may begin with a burst. Everybody in open mode is one caller, whom only the instance's own limits hold back.
 *
 * <p>Remembers a bounded number of callers; one that was forgotten, the one that asked longest ago, begins anew.
 */
@Singleton
final class RequestLimiter {
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** Longer than any tail lives, so that nobody is forgotten who has one open. */
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
        this.bytes = new ByteBudget(Limit.INSTANCE_BYTES_PER_SECOND, config.instanceBytesPerSecond(), time);
        this.filters = new FilterBudget(config.instanceOpenFilters());
        this.callers = Caffeine.newBuilder()
                .maximumSize(config.callers())
                .expireAfterAccess(REMEMBERED)
                .build();
    }

    /** @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, before anybody was asked who they are */
    void admit() {
        if (!requests.tryConsume(1)) {
            throw rejections.reached(
                    Limit.INSTANCE_REQUESTS_PER_SECOND,
                    "This instance takes " + config.instanceRequestsPerSecond() + " requests a second");
        }
        if (bytes.spent()) {
            throw rejections.reached(
                    Limit.INSTANCE_BYTES_PER_SECOND, "This instance takes " + bytes.perSecond() + " bytes a second");
        }
    }

    /**
     * Counts the request until its answer has ended.
     *
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, naming the limit
     */
    void admit(Caller caller, RoutingContext request) {
        OpenRequest.begin(request, this, quota(caller));
    }

    /** Counts the request where everybody is one caller. */
    void admitAnybody(RoutingContext request) {
        OpenRequest.begin(request, this, null);
    }

    /** The bytes of all callers together. */
    ByteBudget bytes() {
        return bytes;
    }

    /** @throws dev.sluice.failure.SluiceException {@code OVERLOADED}, naming the limit */
    void beginFilters(Object view, int count) {
        if (!filters.take(view, count)) {
            throw rejections.reached(
                    Limit.INSTANCE_OPEN_FILTERS,
                    "The event streams of this instance have " + config.instanceOpenFilters()
                            + " distinct filters at once");
        }
    }

    void endFilters(Object view, int count) {
        filters.giveBack(view, count);
    }

    CallerQuota quota(Caller caller) {
        return callers.get(caller.name(), name -> new CallerQuota(config, rejections, time));
    }

    /** How many callers are remembered now. */
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
