package dev.sluice.http;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.bucket.Bucket;
import dev.sluice.stream.bucket.BucketCatalog;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.bucket.BucketKey;
import dev.sluice.stream.bucket.BucketName;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestPath;

/**
 * The keys of a bucket as HTTP resources. The entity tag is the revision, so a conditional write is a compare-and-set
 * that the bucket itself decides, whichever replica answers a read.
 */
@Path("/v1/buckets/{bucket}/keys/{key:.+}")
public final class KeyResource {
    private static final String TTL = "Nats-TTL";
    private static final String REVISION = "Nats-Revision";
    private static final String OPERATION = "Nats-Operation";
    /** Maximum number of attempts of a write whose condition depends on the present revision. */
    private static final int ROUNDS = 8;

    private final BucketCatalog catalog;
    private final MessageBody body;

    KeyResource(BucketCatalog catalog, MessageBody body) {
        this.catalog = catalog;
        this.body = body;
    }

    /**
     * Returns the value. It is untrusted: the response keeps the content type of the writer, but the headers prevent a
     * browser from rendering it within this site.
     */
    @GET
    public Uni<Response> get(
            @RestPath String bucket, @RestPath String key, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "revision");
        Place place = Place.of(bucket, key, Verb.READ, context);
        OptionalLong revision = QueryParameters.sequence(uri, "revision");
        MultiMap headers = context.request().headers();
        Optional<EntityTags> ifMatch = ifMatch(headers);
        Optional<EntityTags> ifNoneMatch = ifNoneMatch(headers);
        long known = ifNoneMatch.or(() -> ifMatch).map(EntityTags::highest).orElse(0L);
        return catalog.open(place.bucket())
                .chain(opened -> revision.isPresent()
                        ? opened.at(place.key(), revision.getAsLong())
                        : opened.last(place.key(), known))
                .map(found -> {
                    if (found.isEmpty() || found.get().deleted()) {
                        return noKey(place, found, uri);
                    }
                    BucketEntry entry = found.get();
                    if (ifMatch.isPresent() && !ifMatch.get().matchStrongly(entry.revision())) {
                        return wrongRevision(found, uri);
                    }
                    boolean same = ifNoneMatch.isPresent() && ifNoneMatch.get().matchWeakly(entry.revision());
                    return same
                            ? described(Response.notModified(), entry).build()
                            : described(ReplyHeaders.with(Response.ok(entry.value()), entry.headers()), entry)
                                    .header("Content-Security-Policy", "default-src 'none'; sandbox")
                                    .header(HttpHeaders.CONTENT_DISPOSITION, "attachment")
                                    .build();
                });
    }

    @PUT
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> put(
            @RestPath String bucket, @RestPath String key, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri);
        Place place = Place.of(bucket, key, Verb.WRITE, context);
        MultiMap headers = context.request().headers();
        Optional<EntityTags> ifMatch = ifMatch(headers);
        boolean create = creates(headers, ifMatch);
        Map<String, List<String>> stored = MessageHeaders.ofValue(headers);
        if (stored.containsKey(TTL) && !create) {
            throw Failure.INVALID.because("Nats-TTL needs If-None-Match: *: only a new value can have a time to live of"
                    + " its own, an update would end it without a trace");
        }
        return body.read(context.request()).chain(value -> catalog.open(place.bucket())
                .invoke(opened -> requireExpiring(opened, stored))
                .chain(opened -> put(opened, place.key(), value, stored, create, ifMatch))
                .map(written -> written.answer(place))
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .recoverWithUni(() -> refused(place, uri)));
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
            return matching(bucket, key, ifMatch.get(), revision -> bucket.update(key, value, headers, revision))
                    .map(revision -> new Written(revision, false));
        }
        return bucket.beforeWrite(key).chain(before -> bucket.put(key, value, headers)
                .map(revision -> new Written(
                        revision, before.filter(entry -> !entry.deleted()).isEmpty())));
    }

    @DELETE
    public Uni<Response> delete(
            @RestPath String bucket, @RestPath String key, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "purge");
        boolean purge = purge(uri);
        Place place = Place.of(bucket, key, Verb.WRITE, context);
        MultiMap headers = context.request().headers();
        Optional<EntityTags> ifMatch = ifMatch(headers);
        if (headers.contains(HttpHeaders.IF_NONE_MATCH)) {
            throw Failure.INVALID.because("If-None-Match has no meaning for a deletion; use If-Match");
        }
        Map<String, List<String>> marker = MessageHeaders.ofMarker(headers);
        if (marker.containsKey(TTL) && !purge) {
            throw Failure.INVALID.because("Nats-TTL needs purge=true: only a purge can have a time to live");
        }
        return catalog.open(place.bucket())
                .invoke(opened -> requireExpiring(opened, marker))
                .chain(opened -> {
                    Function<OptionalLong, Uni<Long>> removal =
                            expected -> removed(opened, place.key(), purge, expected, marker);
                    return ifMatch.isEmpty()
                            ? removal.apply(OptionalLong.empty())
                            : matching(
                                    opened,
                                    place.key(),
                                    ifMatch.get(),
                                    revision -> removal.apply(OptionalLong.of(revision)));
                })
                .map(revision -> Response.noContent().header(REVISION, revision).build())
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .recoverWithUni(() -> refused(place, uri));
    }

    private static Uni<Long> removed(
            Bucket bucket, BucketKey key, boolean purge, OptionalLong expected, Map<String, List<String>> marker) {
        if (purge) {
            return bucket.purge(key, expected, marker);
        }
        return expected.isPresent() ? bucket.delete(key, expected.getAsLong()) : bucket.delete(key);
    }

    /**
     * Writes over a revision that {@code ifMatch} names. A single revision is compared by the bucket alone; else the
     * present revision is read, and read again after a concurrent change.
     */
    private static Uni<Long> matching(
            Bucket bucket, BucketKey key, EntityTags ifMatch, Function<Long, Uni<Long>> write) {
        Optional<Long> only = ifMatch.only();
        if (only.isPresent()) {
            return write.apply(only.get());
        }
        return bucket.latest(key)
                .map(present -> present.map(BucketEntry::revision)
                        .filter(ifMatch::matchStrongly)
                        .orElseThrow(() -> Failure.WRONG_REVISION.because("no revision matches")))
                .chain(write::apply)
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .retry()
                .atMost(ROUNDS)
                .onFailure(Failure.WRONG_REVISION::matches)
                .transform(none -> Failure.WRONG_SEQUENCE.because(String.valueOf(none.getMessage())));
    }

    private Uni<Response> refused(Place place, UriInfo uri) {
        return catalog.open(place.bucket())
                .chain(opened -> opened.last(place.key()))
                .onFailure(SluiceException.class)
                .recoverWithItem(Optional.empty())
                .map(present -> wrongRevision(present, uri));
    }

    private static Response wrongRevision(Optional<BucketEntry> present, UriInfo uri) {
        String detail = present.map(entry -> entry.deleted()
                        ? "The key has no value; its deletion has revision " + entry.revision()
                        : "The key has revision " + entry.revision())
                .orElse("The key has no value");
        return withRevision(ProblemMapper.answer(ProblemType.WRONG_REVISION.problem(detail, uri.getPath())), present);
    }

    private static Response noKey(Place place, Optional<BucketEntry> marker, UriInfo uri) {
        String detail = "The bucket " + place.bucket() + " has no value for the key " + place.key();
        return withRevision(ProblemMapper.answer(ProblemType.NO_KEY.problem(detail, uri.getPath())), marker);
    }

    private static Response withRevision(Response answer, Optional<BucketEntry> entry) {
        return entry.map(last -> Response.fromResponse(answer)
                        .header(REVISION, last.revision())
                        .header(OPERATION, last.operation())
                        .build())
                .orElse(answer);
    }

    private static Response.ResponseBuilder described(Response.ResponseBuilder response, BucketEntry entry) {
        return response.header(HttpHeaders.ETAG, EntityTags.of(entry.revision()))
                .lastModified(Date.from(entry.at()))
                .header(REVISION, entry.revision())
                .header(OPERATION, entry.operation())
                .header(HttpHeaders.CACHE_CONTROL, "private, no-cache");
    }

    static Optional<EntityTags> ifMatch(MultiMap headers) {
        return EntityTags.parse(HttpHeaders.IF_MATCH, headers.getAll(HttpHeaders.IF_MATCH));
    }

    static Optional<EntityTags> ifNoneMatch(MultiMap headers) {
        return EntityTags.parse(HttpHeaders.IF_NONE_MATCH, headers.getAll(HttpHeaders.IF_NONE_MATCH));
    }

    /** Returns whether the write must create the value. */
    static boolean creates(MultiMap headers, Optional<EntityTags> ifMatch) {
        Optional<EntityTags> ifNoneMatch = ifNoneMatch(headers);
        if (ifNoneMatch.isEmpty()) {
            return false;
        }
        if (!ifNoneMatch.get().any() || ifMatch.isPresent()) {
            throw Failure.INVALID.because(
                    "A write takes either If-None-Match: * or If-Match with the ETag of the value");
        }
        return true;
    }

    /** Rejects a time to live that the bucket would ignore. */
    private static void requireExpiring(Bucket bucket, Map<String, List<String>> headers) {
        if (headers.containsKey(TTL) && !bucket.expiring()) {
            throw Failure.NOT_SUPPORTED.because(
                    "The bucket does not allow Nats-TTL: set its marker_ttl, which needs a NATS"
                            + " server 2.11 or newer");
        }
    }

    private static boolean purge(UriInfo uri) {
        return QueryParameters.flag(uri.getQueryParameters().get("purge"), "purge", false);
    }

    /** A key of a bucket that the caller may use. */
    private record Place(BucketName bucket, BucketKey key) {
        static Place of(String bucket, String key, Verb verb, RoutingContext context) {
            Place place = new Place(new BucketName(bucket), new BucketKey(key));
            Caller.of(context).require(verb, place.bucket(), place.key());
            return place;
        }
    }

    /** A successful write. */
    private record Written(long revision, boolean created) {
        Response answer(Place place) {
            return Response.status(created ? Response.Status.CREATED : Response.Status.OK)
                    .header(HttpHeaders.ETAG, EntityTags.of(revision))
                    .entity(new Receipt(place.bucket().value(), place.key().value(), revision))
                    .build();
        }
    }

    /** The result of a write. */
    public record Receipt(String bucket, String key, long revision) {}
}
