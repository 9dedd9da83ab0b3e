package dev.sluice.http.tail;

import dev.sluice.access.Caller;
import dev.sluice.events.EventsConfig;
import dev.sluice.events.TailRequest;
import dev.sluice.http.QueryParameters;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.bucket.BucketCatalog;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.bucket.KeyPattern;
import dev.sluice.stream.replay.ReplayStart;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/**
 * {@code GET /v1/buckets/{bucket}/events}: watches keys of a bucket. A watch is a tail of the bucket's stream, and a
 * route for the same reason as {@link EventsRoute}.
 */
@Singleton
final class BucketEventsRoute {
    private static final String PATH = "/v1/buckets/:bucket/events";
    private static final Set<String> KNOWN = Set.of("key", "from", "values", "last_event_id", "ticket");
    private static final List<KeyPattern> ALL_KEYS = List.of(KeyPattern.ALL);

    private final TailResponses tails;
    private final BucketCatalog catalog;
    private final int maxKeys;

    @Inject
    BucketEventsRoute(TailResponses tails, BucketCatalog catalog, EventsConfig config) {
        this.tails = tails;
        this.catalog = catalog;
        this.maxKeys = config.maxSubjects();
    }

    void register(@Observes Router router) {
        tails.serve(router, PATH, this::asked, context -> catalog.open(bucket(context)));
    }

    private TailRequest asked(RoutingContext context) {
        MultiMap query = context.queryParams();
        QueryParameters.allow(query.names(), KNOWN);
        BucketName bucket = bucket(context);
        SubjectSet keys = keys(bucket, query);
        boolean values = QueryParameters.flag(query.getAll("values"), "values", true);
        ReplayStart from = from(query);
        ReplayStart start = StartParameters.resumed(query, context.request().getHeader("Last-Event-ID"))
                .orElse(from);
        Caller.of(context).requireKeys(keys);
        if (bucket.internal()) {
            throw bucket.missing();
        }
        return TailRequest.watch(bucket, keys, values, start);
    }

    private static BucketName bucket(RoutingContext context) {
        return new BucketName(String.valueOf(context.pathParam("bucket")));
    }

    /** Returns the patterns of the name of the bucket and the keys, in which permissions are given too. */
    private SubjectSet keys(BucketName bucket, MultiMap query) {
        List<KeyPattern> given = QueryParameters.all(query, "key", maxKeys, KeyPattern::new);
        List<KeyPattern> asked = given.isEmpty() ? ALL_KEYS : given;
        return SubjectSet.of(asked.stream()
                .map(keys -> new SubjectPattern(bucket + "." + keys))
                .toList());
    }

    private static ReplayStart from(MultiMap query) {
        return QueryParameters.single(query, "from")
                .map(text -> switch (text) {
                    case "new" -> ReplayStart.Edge.NEW;
                    case "history" -> ReplayStart.Edge.ALL;
                    default ->
                        throw QueryParameters.wrong(
                                "from", "must be new or history; without it, a watch begins with the values");
                })
                .orElse(ReplayStart.Edge.LAST_PER_SUBJECT);
    }
}
