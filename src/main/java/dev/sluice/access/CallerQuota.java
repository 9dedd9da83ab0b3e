package dev.sluice.access;

import dev.sluice.flow.Permits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Rate and concurrency limits of one caller. Thread-safe. */
final class CallerQuota {
    private final LimitsConfig config;
    private final RejectionCounters rejections;
    private final Bucket requests;
    private final ByteBudget bytes;
    private final Permits open;
    private final Map<AccessLimit, Share> shares;
    private final FilterBudget filters;

    CallerQuota(LimitsConfig config, RejectionCounters rejections, TimeMeter time) {
        this.config = config;
        this.rejections = rejections;
        this.open = new Permits(config.openRequests());
        this.shares = Map.of(
                AccessLimit.OPEN_FETCHES, new Share(config.openFetches()),
                AccessLimit.OPEN_BULK_PUBLISHES, new Share(config.openBulkPublishes()),
                AccessLimit.OPEN_READS, new Share(config.openReads()),
                AccessLimit.OPEN_LISTINGS, new Share(config.openListings()),
                AccessLimit.OPEN_UPLOADS, new Share(config.openUploads()),
                AccessLimit.OPEN_DOWNLOADS, new Share(config.openDownloads()));
        this.requests = RequestLimiter.bucket(config.requestsPerSecond(), time);
        this.filters = new FilterBudget(config.openFilters());
        this.bytes = new ByteBudget(config.bytesPerSecond(), time);
    }

    ByteBudget bytes() {
        return bytes;
    }

    void begin() {
        if (!requests.tryConsume(1)) {
            throw rejections.reached(
                    AccessLimit.REQUESTS_PER_SECOND,
                    "A caller may send at most " + config.requestsPerSecond() + " requests per second");
        }
        if (bytes.spent()) {
            throw rejections.reached(
                    AccessLimit.BYTES_PER_SECOND,
                    "A caller may send at most " + bytes.perSecond() + " bytes per second");
        }
        if (!open.take(1)) {
            throw rejections.reached(
                    AccessLimit.OPEN_REQUESTS,
                    "A caller may have at most " + config.openRequests()
                            + " open requests, including tails and fetches");
        }
    }

    void end() {
        open.giveBack(1);
    }

    /** Begins work of which {@code limit} is the caller's share. */
    void begin(AccessLimit limit) {
        Share share = share(limit);
        if (!share.taken().take(1)) {
            String works = limit.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            throw rejections.reached(limit, "A caller may have at most " + share.most() + " " + works);
        }
    }

    void end(AccessLimit limit) {
        share(limit).taken().giveBack(1);
    }

    private Share share(AccessLimit limit) {
        return Objects.requireNonNull(shares.get(limit), limit::key);
    }

    void beginFilters(Object view, int count) {
        if (!filters.take(view, count)) {
            throw rejections.reached(
                    AccessLimit.OPEN_FILTERS,
                    "The tails of a caller may have at most " + config.openFilters() + " distinct filters");
        }
    }

    void endFilters(Object view, int count) {
        filters.giveBack(view, count);
    }

    /** What one caller may hold of something that all callers share. */
    private record Share(int most, Permits taken) {
        Share(int most) {
            this(most, new Permits(most));
        }
    }
}
