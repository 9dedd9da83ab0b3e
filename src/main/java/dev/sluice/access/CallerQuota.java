package dev.sluice.access;

import dev.sluice.flow.Permits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;

/** Rate and concurrency limits of one caller. Thread-safe. */
final class CallerQuota {
    private final LimitsConfig config;
    private final RejectionCounters rejections;
    private final Bucket requests;
    private final ByteBudget bytes;
    private final Permits open;
    private final Permits fetches;
    private final FilterBudget filters;

    CallerQuota(LimitsConfig config, RejectionCounters rejections, TimeMeter time) {
        this.config = config;
        this.rejections = rejections;
        this.open = new Permits(config.openRequests());
        this.fetches = new Permits(config.openFetches());
        this.requests = RequestLimiter.bucket(config.requestsPerSecond(), time);
        this.filters = new FilterBudget(config.openFilters());
        this.bytes = new ByteBudget(Limit.BYTES_PER_SECOND, config.bytesPerSecond(), time);
    }

    ByteBudget bytes() {
        return bytes;
    }

    void begin() {
        if (!requests.tryConsume(1)) {
            throw rejections.reached(
                    Limit.REQUESTS_PER_SECOND,
                    "A caller may send at most " + config.requestsPerSecond() + " requests per second");
        }
        if (bytes.spent()) {
            throw rejections.reached(
                    Limit.BYTES_PER_SECOND, "A caller may send at most " + bytes.perSecond() + " bytes per second");
        }
        if (!open.take(1)) {
            throw rejections.reached(
                    Limit.OPEN_REQUESTS,
                    "A caller may have at most " + config.openRequests()
                            + " open requests, including event streams and fetches");
        }
    }

    void end() {
        open.giveBack(1);
    }

    void beginFetch() {
        if (!fetches.take(1)) {
            throw rejections.reached(
                    Limit.OPEN_FETCHES, "A caller may have at most " + config.openFetches() + " open fetches");
        }
    }

    void endFetch() {
        fetches.giveBack(1);
    }

    void beginFilters(Object view, int count) {
        if (!filters.take(view, count)) {
            throw rejections.reached(
                    Limit.OPEN_FILTERS,
                    "The event streams of a caller may have at most " + config.openFilters() + " distinct filters");
        }
    }

    void endFilters(Object view, int count) {
        filters.giveBack(view, count);
    }
}
