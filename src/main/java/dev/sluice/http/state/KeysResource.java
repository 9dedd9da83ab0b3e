package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.http.JsonText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.body.ResponseBytes;
import dev.sluice.http.body.StreamedResponse;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketCatalog;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.bucket.KeyListing;
import dev.sluice.stream.bucket.KeyPattern;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The keys of a bucket, and the history of a key. A caller gets the keys that it may read. */
@Path("/v1/buckets/{bucket}")
public final class KeysResource {
    /** Maximum number of revisions of a page of the history. A bucket of another client can hold any number. */
    private static final int MAX_REVISIONS = 256;

    /** Maximum size of the values of a page; the value that reaches it is the last one. */
    private static final long MAX_BYTES = 1 << 20;

    private final BucketCatalog catalog;
    private final KeyListing listing;
    private final ResponseBytes bytes;
    private final ObjectMapper json;

    KeysResource(BucketCatalog catalog, KeyListing listing, ResponseBytes bytes, ObjectMapper json) {
        this.catalog = catalog;
        this.listing = listing;
        this.bytes = bytes;
        this.json = json;
    }

    /** Lists at most 1,000 keys in the order of their characters; {@code next} is that of the previous page. */
    @GET
    @Path("keys")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Void> list(@RestPath String bucket, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "filter", "limit", "next", "values");
        KeysQuery query = KeysQuery.of(bucket, uri, context);
        int limit = QueryParameters.limit(uri, KeyListing.MAX_KEYS).orElse(KeyListing.MAX_KEYS);
        Optional<String> next = QueryParameters.single(uri, "next");
        OpenRequest.of(context).begin(AccessLimit.OPEN_LISTINGS);
        Executor here = ContextExecutor.executor();
        return catalog.open(query.bucket())
                .chain(opened -> listing.page(query.bucket(), query.filter(), query.shown(), next, limit)
                        .chain(page -> query.values()
                                ? new Values(opened, page).read()
                                : Uni.createFrom().item(Keys.of(page))))
                .emitOn(here)
                .chain(keys -> bytes.send(context, JsonText.of(json, keys)));
    }

    /** Lists all keys, one per line, in the order of the stream. */
    @GET
    @Path("keys")
    @Produces(JsonText.NDJSON)
    public Uni<Void> stream(@RestPath String bucket, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "filter", "limit", "next", "values");
        KeysQuery query = KeysQuery.of(bucket, uri, context);
        QueryParameters.requireNoPage(uri);
        OpenRequest.of(context).begin(AccessLimit.OPEN_LISTINGS);
        Executor here = ContextExecutor.executor();
        Multi<List<BucketEntry>> all = catalog.open(query.bucket())
                .stage(FlatMapMany.flatMapMany(
                        opened -> listing.all(query.bucket(), query.filter(), query.shown(), query.values())))
                .emitOn(here, 1);
        return StreamedResponse.of(context, JsonText.NDJSON, all, batch -> lines(batch, query.values()));
    }

    /** Returns revisions of a key, oldest first. {@code from} is the {@code next} of the previous page. */
    @GET
    @Path("history/{key:.+}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Void> history(
            @RestPath String bucket, @RestPath String key, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "from");
        long from = QueryParameters.sequence(uri.getQueryParameters().get("from"), "from")
                .orElse(1);
        BucketName name = new BucketName(bucket);
        BucketKey one = new BucketKey(key);
        Caller.of(context).require(Verb.READ, name, one);
        Revisions page = new Revisions();
        Executor here = ContextExecutor.executor();
        return catalog.open(name)
                .chain(opened -> opened.history(one, from)
                        .select()
                        .first(page::take)
                        .collect()
                        .last())
                .map(last -> {
                    if (page.entries.isEmpty()) {
                        throw Failure.NO_KEY.because("The bucket " + name + " has no such revision of the key " + one);
                    }
                    return new History(bucket, key, page.entries, page.next);
                })
                .emitOn(here)
                .chain(history -> bytes.send(context, JsonText.of(json, history)));
    }

    private byte[] lines(List<BucketEntry> batch, boolean values) {
        return JsonText.lines(
                json, batch.stream().map(entry -> values ? EntryView.of(entry) : new KeyView(entry.key())));
    }

    /** The query of a listing, and the keys that its caller may read. */
    private record KeysQuery(BucketName bucket, KeyPattern filter, boolean values, Predicate<String> shown) {
        static KeysQuery of(String bucket, UriInfo uri, RoutingContext context) {
            BucketName name = new BucketName(bucket);
            KeyPattern filter = QueryParameters.single(uri, "filter")
                    .map(text -> QueryParameters.parse("filter", text, KeyPattern::new))
                    .orElse(KeyPattern.ALL);
            boolean values = QueryParameters.flag(uri.getQueryParameters().get("values"), "values", false);
            Caller caller = Caller.of(context);
            caller.requireSome(Verb.READ, name, filter);
            return new KeysQuery(name, filter, values, key -> caller.reads(name, key));
        }
    }

    /** Reads the values of a page of keys, until they are too large for one response. */
    private static final class Values {
        private final Bucket bucket;
        private final KeyListing.KeyPage page;
        private final List<EntryView> entries = new ArrayList<>();
        private int read;
        private long bytes;

        Values(Bucket bucket, KeyListing.KeyPage page) {
            this.bucket = bucket;
            this.page = page;
        }

        Uni<Keys> read() {
            return Multi.createBy()
                    .repeating()
                    .uni(this::next)
                    .whilst(done -> !done)
                    .collect()
                    .last()
                    .map(done -> new Keys(null, entries, rest().orElse(null)));
        }

        private Uni<Boolean> next() {
            if (read == page.keys().size() || bytes >= MAX_BYTES) {
                return Uni.createFrom().item(true);
            }
            return bucket.listed(page.keys().get(read))
                    .invoke(found -> {
                        read++;
                        found.filter(entry -> !entry.deleted()).ifPresent(entry -> {
                            entries.add(EntryView.of(entry));
                            bytes += entry.value().length;
                        });
                    })
                    .replaceWith(false);
        }

        private Optional<String> rest() {
            return read < page.keys().size() ? Optional.of(page.keys().get(read - 1)) : page.next();
        }
    }

    /** A page of the history, until it is full. */
    private static final class Revisions {
        private final List<EntryView> entries = new ArrayList<>();
        private long bytes;
        private @Nullable Long next;

        /** Returns whether the page had room for {@code entry}, which else begins the next page. */
        boolean take(BucketEntry entry) {
            if (bytes >= MAX_BYTES || entries.size() == MAX_REVISIONS) {
                next = entry.revision();
                return false;
            }
            entries.add(EntryView.of(entry));
            bytes += entry.value().length;
            return true;
        }
    }

    /** One page of keys, or of entries with their values; it can be empty. {@code next} is present if there may be more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Keys(
            @Nullable List<String> keys,
            @Nullable List<EntryView> entries,
            @Nullable String next) {
        private static Keys of(KeyListing.KeyPage page) {
            return new Keys(page.keys(), null, page.next().orElse(null));
        }
    }

    /** One line of a complete listing without values. */
    public record KeyView(String key) {}

    /** Revisions of a key that the bucket holds. {@code next} is present if there are more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record History(
            String bucket,
            String key,
            List<EntryView> revisions,
            @Nullable Long next) {}
}
