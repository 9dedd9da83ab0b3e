package dev.sluice.http.state;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.AcceptHeader;
import dev.sluice.http.JsonText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.RouteOrder;
import dev.sluice.http.UntrustedContent;
import dev.sluice.http.body.MessageBody;
import dev.sluice.http.body.ResponseBytes;
import dev.sluice.http.body.UniResponse;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.http.message.ReplyHeaders;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketCatalog;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.BucketName;
import io.netty.handler.codec.DateFormatter;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The keys of a bucket as HTTP resources. The entity tag is the revision, so a conditional write is a compare-and-set
 * that the bucket itself decides, whichever replica answers a read. This is a route and not a resource because a read is
 * as short as a publish: the steps of a resource would cost more than the read itself.
 */
@Singleton
final class KeyRoute {
    private static final String PATH = "/v1/buckets/(?<bucket>[^/]+)/keys/(?<key>.+)";
    /** The path as a template. A key may have slashes. */
    private static final String NAME = "/v1/buckets/{bucket}/keys/{key:.+}";

    private static final String REVISION = "Nats-Revision";
    private static final String OPERATION = "Nats-Operation";
    private static final String REVISION_PARAMETER = "revision";
    private static final String PURGE_PARAMETER = "purge";
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    /** Maximum number of attempts of a write whose condition depends on the present revision. */
    private static final int ROUNDS = 8;

    private final BucketCatalog catalog;
    private final MessageBody body;
    private final ResponseBytes bytes;
    private final ObjectMapper json;

    @Inject
    KeyRoute(BucketCatalog catalog, MessageBody body, ResponseBytes bytes, ObjectMapper json) {
        this.catalog = catalog;
        this.body = body;
        this.bytes = bytes;
        this.json = json;
    }

    void register(@Observes Router router) {
        route(router, HttpMethod.GET, Verb.READ, this::get);
        route(router, HttpMethod.HEAD, Verb.READ, this::get);
        route(router, HttpMethod.PUT, Verb.WRITE, this::put);
        route(router, HttpMethod.DELETE, Verb.WRITE, this::delete);
    }

    private static void route(
            Router router, HttpMethod method, Verb verb, BiConsumer<RoutingContext, KeyAddress> action) {
        router.routeWithRegex(method, PATH)
                .setName(NAME)
                .order(RouteOrder.OTHER)
                .handler(context -> {
                    KeyAddress address = new KeyAddress(
                            new BucketName(String.valueOf(context.pathParam("bucket"))),
                            new BucketKey(String.valueOf(context.pathParam("key"))));
                    Caller.of(context).require(verb, address.bucket(), address.key());
                    action.accept(context, address);
                });
    }

    /**
     * Returns the value. It is untrusted: the response keeps the content type of the writer, but the headers prevent a
     * browser from rendering it within this site.
     */
    private void get(RoutingContext context, KeyAddress address) {
        OptionalLong revision = revision(context);
        Preconditions preconditions = Preconditions.ofGet(context.request().headers());
        Optional<EntityTags> ifMatch = preconditions.ifMatch();
        Optional<EntityTags> ifNoneMatch = preconditions.ifNoneMatch();
        long known = ifNoneMatch.or(() -> ifMatch).map(EntityTags::highest).orElse(0L);
        Uni<Optional<BucketEntry>> read = catalog.open(address.bucket())
                .chain(opened -> revision.isPresent()
                        ? opened.at(address.key(), revision.getAsLong())
                        : opened.last(address.key(), known));
        UniResponse.send(context, read, found -> {
            if (found.isEmpty() || found.get().deleted()) {
                refuse(context, noKey(address), found);
                return;
            }
            BucketEntry entry = found.get();
            if (ifMatch.isPresent() && !ifMatch.get().matchStrongly(entry.revision())) {
                refuse(context, wrongRevision(found), found);
            } else if (ifNoneMatch.isPresent() && ifNoneMatch.get().matchWeakly(entry.revision())) {
                described(context.response(), entry).setStatusCode(NOT_MODIFIED).end();
            } else {
                bytes.end(context, () -> head(context.response(), entry), entry.value());
            }
        });
    }

    private static OptionalLong revision(RoutingContext context) {
        MultiMap query = query(context, Set.of(REVISION_PARAMETER));
        return QueryParameters.sequence(query.getAll(REVISION_PARAMETER), REVISION_PARAMETER);
    }

    private static MultiMap query(RoutingContext context, Set<String> known) {
        MultiMap query = context.queryParams();
        QueryParameters.allow(query.names(), known);
        return query;
    }

    private static HttpServerResponse described(HttpServerResponse response, BucketEntry entry) {
        return response.putHeader(HttpHeaders.ETAG, EntityTags.of(entry.revision()))
                .putHeader(HttpHeaders.LAST_MODIFIED, DateFormatter.format(Date.from(entry.at())))
                .putHeader(REVISION, Long.toString(entry.revision()))
                .putHeader(OPERATION, entry.operation().toString())
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
    }

    private static void head(HttpServerResponse response, BucketEntry entry) {
        ReplyHeaders.put(described(response, entry), entry.headers());
        UntrustedContent.protect(response);
    }

    private void put(RoutingContext context, KeyAddress address) {
        AcceptHeader.requireJson(context);
        query(context, Set.of());
        MultiMap headers = context.request().headers();
        Preconditions preconditions = Preconditions.ofPut(headers);
        boolean create = preconditions.creates();
        Map<String, List<String>> stored = MessageHeaders.ofValue(headers);
        if (stored.containsKey(NatsHeaders.TTL) && !create) {
            throw Failure.INVALID.because("Nats-TTL needs If-None-Match: *: only a new value can have a time to live of"
                    + " its own, an update would end it without a trace");
        }
        Uni<Written> write = body.read(context.request()).chain(value -> opened(address, stored)
                .chain(opened -> put(opened, address.key(), value, stored, create, preconditions.ifMatch())));
        UniResponse.send(
                context,
                write,
                written -> context.response()
                        .setStatusCode(written.created() ? CREATED : OK)
                        .putHeader(HttpHeaders.ETAG, EntityTags.of(written.revision()))
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(receipt(address, written.revision())),
                failure -> refuse(context, address, failure));
    }

    private static Uni<Written> put(
            Bucket bucket,
            BucketKey key,
            byte[] value,
            Map<String, List<String>> headers,
            boolean create,
            Optional<EntityTags> ifMatch) {
        if (create) {
            return bucket.create(key, value, headers).map(revision -> new Written(revision, true));
        }
        if (ifMatch.isPresent()) {
            return matching(bucket, key, ifMatch.get(), revision -> bucket.update(key, value, headers, revision));
        }
        return bucket.beforeWrite(key).chain(before -> bucket.put(key, value, headers)
                .map(revision -> new Written(
                        revision, before.filter(entry -> !entry.deleted()).isEmpty())));
    }

    private void delete(RoutingContext context, KeyAddress address) {
        boolean purge = QueryParameters.flag(
                query(context, Set.of(PURGE_PARAMETER)).getAll(PURGE_PARAMETER), PURGE_PARAMETER, false);
        MultiMap headers = context.request().headers();
        Optional<EntityTags> ifMatch = Preconditions.ofDelete(headers).ifMatch();
        Map<String, List<String>> marker = MessageHeaders.ofMarker(headers);
        if (marker.containsKey(NatsHeaders.TTL) && !purge) {
            throw Failure.INVALID.because("Nats-TTL needs purge=true: only a purge can have a time to live");
        }
        Uni<Long> removal = opened(address, marker).chain(opened -> {
            Function<OptionalLong, Uni<Long>> remove =
                    expected -> removed(opened, address.key(), purge, expected, marker);
            return ifMatch.isEmpty()
                    ? remove.apply(OptionalLong.empty())
                    : matching(
                                    opened,
                                    address.key(),
                                    ifMatch.get(),
                                    revision -> remove.apply(OptionalLong.of(revision)))
                            .map(Written::revision);
        });
        UniResponse.send(
                context,
                removal,
                revision -> context.response()
                        .setStatusCode(NO_CONTENT)
                        .putHeader(REVISION, Long.toString(revision))
                        .end(),
                failure -> refuse(context, address, failure));
    }

    private static Uni<Long> removed(
            Bucket bucket, BucketKey key, boolean purge, OptionalLong expected, Map<String, List<String>> marker) {
        if (purge) {
            return bucket.purge(key, expected, marker);
        }
        return expected.isPresent() ? bucket.delete(key, expected.getAsLong()) : bucket.delete(key);
    }

    /**
     * Writes only over a revision that {@code ifMatch} names, which may be a deletion; {@code *} matches any value. A
     * single tag needs one request: the bucket compares it. Otherwise the revision is read first, and again after a
     * concurrent change.
     */
    private static Uni<Written> matching(
            Bucket bucket, BucketKey key, EntityTags ifMatch, Function<Long, Uni<Long>> write) {
        Optional<Long> only = ifMatch.only();
        if (only.isPresent()) {
            return write.apply(only.get()).map(revision -> new Written(revision, false));
        }
        return bucket.last(key)
                .map(present -> present.filter(
                                entry -> ifMatch.matchStrongly(entry.revision()) && !(ifMatch.any() && entry.deleted()))
                        .orElseThrow(() -> Failure.WRONG_REVISION.because("no revision matches")))
                .chain(before ->
                        write.apply(before.revision()).map(revision -> new Written(revision, before.deleted())))
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .retry()
                .atMost(ROUNDS)
                .onFailure(Failure.WRONG_REVISION::matches)
                .transform(none -> Failure.WRONG_SEQUENCE.because(String.valueOf(none.getMessage())));
    }

    /** Adds the current revision ({@code Nats-Revision}) to the 412, and to a 503 whether anything was stored. */
    private void refuse(RoutingContext context, KeyAddress address, Throwable failure) {
        if (!Failure.WRONG_SEQUENCE.matches(failure)) {
            context.fail(Failure.nothingStored(failure));
            return;
        }
        Uni<Optional<BucketEntry>> present = catalog.open(address.bucket())
                .chain(opened -> opened.last(address.key()))
                .onFailure(SluiceException.class)
                .recoverWithItem(Optional.empty());
        UniResponse.send(context, present, found -> refuse(context, wrongRevision(found), found));
    }

    private static void refuse(RoutingContext context, SluiceException failure, Optional<BucketEntry> present) {
        present.ifPresent(entry -> context.response()
                .putHeader(REVISION, Long.toString(entry.revision()))
                .putHeader(OPERATION, entry.operation().toString()));
        context.fail(failure);
    }

    private static SluiceException wrongRevision(Optional<BucketEntry> present) {
        return Failure.WRONG_REVISION.because(present.map(entry -> entry.deleted()
                        ? "The key has no value; its deletion has revision " + entry.revision()
                        : "The key has revision " + entry.revision())
                .orElse("The key has no value"));
    }

    private static SluiceException noKey(KeyAddress address) {
        return Failure.NO_KEY.because("The bucket " + address.bucket() + " has no value for the key " + address.key());
    }

    /** Opens the bucket for a write. Rejects a time to live that the bucket would ignore. */
    private Uni<Bucket> opened(KeyAddress address, Map<String, List<String>> headers) {
        if (!headers.containsKey(NatsHeaders.TTL)) {
            return catalog.open(address.bucket());
        }
        return catalog.openForExpiring(address.bucket()).invoke(bucket -> {
            if (!bucket.expiring()) {
                throw Failure.NOT_SUPPORTED.because(
                        "The bucket does not allow Nats-TTL: set its marker_ttl, which needs a NATS"
                                + " server 2.11 or newer");
            }
        });
    }

    private String receipt(KeyAddress address, long revision) {
        return JsonText.of(
                json, new Receipt(address.bucket().value(), address.key().value(), revision));
    }

    /** A key of a bucket. */
    private record KeyAddress(BucketName bucket, BucketKey key) {}

    /**
     * A successful write.
     *
     * @param created whether it is known that there was no value before
     */
    private record Written(long revision, boolean created) {}

    /** The result of a write. */
    public record Receipt(String bucket, String key, long revision) {}
}
