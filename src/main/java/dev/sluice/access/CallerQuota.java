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
                    "A caller has " + config.requestsPerSecond() + " requests a second here");
        }
        if (bytes.spent()) {
            throw rejections.reached(
                    Limit.BYTES_PER_SECOND, "A caller may send " + bytes.perSecond() + " bytes a second here");
        }
        if (!open.take(1)) {
            throw rejections.reached(
                    Limit.OPEN_REQUESTS,
                    "A caller has " + config.openRequests()
                            + " requests open at once here, event streams and fetches among them");
        }
    }

    void end() {
        open.giveBack(1);
    }

    void beginFetch() {
        if (!fetches.take(1)) {
            throw rejections.reached(
                    Limit.OPEN_FETCHES, "A caller has " + config.openFetches() + " fetches open at once here");
        }
    }

    void endFetch() {
        fetches.giveBack(1);
    }

    void beginFilters(Object view, int count) {
        if (!filters.take(view, count)) {
            throw rejections.reached(
                    Limit.OPEN_FILTERS,
                    "A caller's event streams have " + config.openFilters() + " distinct filters at once here");
        }
    }

    void endFilters(Object view, int count) {
        filters.giveBack(view, count);
    }
}
