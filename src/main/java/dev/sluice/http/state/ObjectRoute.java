package dev.sluice.http.state;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Sessions;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.http.AcceptHeader;
import dev.sluice.http.HttpConfig;
import dev.sluice.http.JsonText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.RouteOrder;
import dev.sluice.http.body.UniResponse;
import dev.sluice.http.message.HeaderText;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.http.message.ReplyHeaders;
import dev.sluice.http.problem.Problem;
import dev.sluice.http.problem.ProblemType;
import dev.sluice.stream.object.ObjectConfig;
import dev.sluice.stream.object.ObjectInfo;
import dev.sluice.stream.object.ObjectReader;
import dev.sluice.stream.object.ObjectStores;
import io.netty.handler.codec.DateFormatter;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The objects of a store as HTTP resources, streamed in both directions. The entity tag is the digest. These are routes
 * and not resources because a body has any size: they run right after the authentication, before {@code ContentLengthFilter}, and
 * read the path as received.
 */
@Singleton
final class ObjectRoute {
    /** Maximum number of objects of one name that a request reads, if each is replaced meanwhile. */
    private static final int MAX_READS = 4;

    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;
    private static final int PARTIAL_CONTENT = 206;
    private static final int NOT_MODIFIED = 304;
    private static final String SHA_256 = "SHA-256=";
    private static final String ATTACHMENT = "attachment";

    private final ObjectStores stores;
    private final ObjectReader reader;
    private final Sessions sessions;
    private final ObjectMapper json;
    private final Duration bodyTimeout;
    private final Duration stall;
    /**
     * Timeout for one chunk of the body: half of {@code sluice.object.sweep.age}, so that a sweep never removes chunks of an
     * upload in progress.
     */
    private final Duration chunkTimeout;

    @Inject
    ObjectRoute(
            ObjectStores stores,
            ObjectReader reader,
            Sessions sessions,
            ObjectMapper json,
            HttpConfig config,
            ObjectConfig objects) {
        this.stores = stores;
        this.reader = reader;
        this.sessions = sessions;
        this.json = json;
        this.bodyTimeout = config.bodyTimeout();
        this.stall = objects.stall();
        this.chunkTimeout = objects.sweep().age().dividedBy(2);
    }

    void register(@Observes Router router) {
        route(router.route().method(HttpMethod.GET).method(HttpMethod.HEAD), Verb.OBJECT_READ, this::get);
        route(router.route().method(HttpMethod.PUT), Verb.OBJECT_WRITE, this::put);
        route(router.route().method(HttpMethod.DELETE), Verb.OBJECT_WRITE, this::delete);
    }

    private static void route(Route route, Verb verb, BiConsumer<RoutingContext, ObjectPath> action) {
        route.setName(ObjectPath.TEMPLATE).order(RouteOrder.OTHER).handler(context -> {
            Optional<ObjectPath> path = ObjectPath.of(context);
            if (path.isEmpty()) {
                context.next();
                return;
            }
            Caller.of(context).require(verb, path.get().store(), path.get().name());
            QueryParameters.allow(context.queryParams().names(), Set.of());
            action.accept(context, path.get());
        });
    }

    private void put(RoutingContext context, ObjectPath path) {
        AcceptHeader.requireJson(context);
        MultiMap headers = context.request().headers();
        ObjectStores.Condition condition =
                whileValid(Caller.of(context), condition(context, path, Preconditions.ofPut(headers)));
        Map<String, List<String>> stored = MessageHeaders.ofObject(headers);
        DigestClaims claims = DigestClaims.of(headers);
        OpenRequest.of(context).begin(AccessLimit.OPEN_UPLOADS);
        context.request().pause();
        UploadedChunks body = new UploadedChunks(context, stores.chunkSize());
        ObjectUpload upload = new ObjectUpload(context, body, bodyTimeout, chunkTimeout);
        upload.begin(stores.put(path.store(), path.name(), stored, condition, body.multi(), claims), result -> {
            HttpServerResponse response = context.response();
            described(response, result.object());
            response.setStatusCode(result.created() ? CREATED : OK)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(JsonText.of(json, Receipt.of(path, result.object())));
        });
    }

    private void get(RoutingContext context, ObjectPath path) {
        Read read = new Read(context, path);
        if (!context.request().method().equals(HttpMethod.HEAD)) {
            OpenRequest.of(context).begin(AccessLimit.OPEN_DOWNLOADS);
        }
        read.begin();
    }

    private void delete(RoutingContext context, ObjectPath path) {
        Preconditions preconditions = Preconditions.ofDelete(context.request().headers());
        UniResponse.send(
                context,
                stores.delete(path.store(), path.name(), condition(context, path, preconditions)),
                done -> context.response().setStatusCode(NO_CONTENT).end());
    }

    /** An upload takes long: when its object becomes visible, its credentials can have expired. */
    private ObjectStores.Condition whileValid(Caller caller, ObjectStores.Condition condition) {
        return present -> sessions.requireValidOrRenewed(caller).chain(() -> condition.holds(present));
    }

    /**
     * {@code If-Match} is compared with the object that {@code GET} returns, after links are followed. The write replaces the
     * link itself.
     */
    private ObjectStores.Condition condition(RoutingContext context, ObjectPath path, Preconditions preconditions) {
        if (preconditions.creates()) {
            return present -> Uni.createFrom().item(present.isEmpty());
        }
        if (preconditions.ifMatch().isEmpty()) {
            return present -> Uni.createFrom().item(true);
        }
        EntityTags tags = preconditions.ifMatch().get();
        return present -> tags.any() || present.map(ObjectInfo::link).isEmpty()
                ? Uni.createFrom().item(tags.matchStrongly(present))
                : resolve(context, path)
                        .map(found -> tags.matchStrongly(Optional.of(found.object())))
                        .onFailure(failure ->
                                Failure.NO_OBJECT.matches(failure) || Failure.NO_OBJECT_STORE.matches(failure))
                        .recoverWithItem(false);
    }

    private Uni<ObjectStores.Found> resolve(RoutingContext context, ObjectPath path) {
        Caller caller = Caller.of(context);
        return stores.resolve(
                path.store(), path.name(), (store, name) -> caller.require(Verb.OBJECT_READ, store, name));
    }

    /** Returns the range to send; empty for the whole object, also if it is not the one that the client knows. */
    private static Optional<ByteRange> range(MultiMap headers, ObjectInfo object) {
        String ifRange = headers.get("If-Range");
        return ifRange != null && !ifRange.strip().equals(EntityTags.of(object))
                ? Optional.empty()
                : ByteRange.of(headers.get("Range"), object.size());
    }

    private static HttpServerResponse described(HttpServerResponse response, ObjectInfo object) {
        response.putHeader(HttpHeaders.ETAG, EntityTags.of(object));
        String digest = object.digest();
        if (digest != null && digest.startsWith(SHA_256)) {
            try {
                byte[] value = Base64.getUrlDecoder().decode(digest.substring(SHA_256.length()));
                response.putHeader(
                        "Repr-Digest", "sha-256=:" + Base64.getEncoder().encodeToString(value) + ":");
            } catch (IllegalArgumentException ofAnotherForm) {
                return response;
            }
        }
        return response;
    }

    private static HttpServerResponse cacheable(HttpServerResponse response, ObjectInfo object) {
        return described(response, object)
                .putHeader(HttpHeaders.LAST_MODIFIED, DateFormatter.format(Date.from(object.modified())))
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
    }

    /**
     * Sets the headers of the content. It is untrusted: a browser shows it, but does not run it within this site, and
     * saves it unless its writer wants it shown.
     */
    private static HttpServerResponse content(HttpServerResponse response, ObjectInfo object) {
        cacheable(response, object)
                .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/octet-stream")
                .putHeader(HttpHeaders.CONTENT_DISPOSITION, ATTACHMENT)
                .putHeader(
                        "Content-Security-Policy",
                        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
        object.headers()
                .forEach((name, values) -> values.forEach(value -> {
                    if (name.equalsIgnoreCase(MessageHeaders.CONTENT_DISPOSITION)) {
                        boolean plain = HeaderText.value(value).equals(value);
                        response.putHeader(HttpHeaders.CONTENT_DISPOSITION, plain ? value : ATTACHMENT);
                    } else {
                        ReplyHeaders.put(response, name, value);
                    }
                }));
        return response;
    }

    /** One read of an object, which begins again if the object is replaced before its first byte is read. */
    private final class Read {
        private final RoutingContext context;
        private final ObjectPath path;
        private final MultiMap headers;
        private final Preconditions preconditions;
        private int left = MAX_READS;
        private String tried = "";

        Read(RoutingContext context, ObjectPath path) {
            this.context = context;
            this.path = path;
            this.headers = context.request().headers();
            this.preconditions = Preconditions.ofGet(headers);
        }

        void begin() {
            UniResponse.send(context, find(), this::found);
        }

        private Uni<ObjectStores.Found> find() {
            return resolve(context, path);
        }

        private void found(ObjectStores.Found found) {
            ObjectInfo object = found.object();
            tried = object.id();
            Optional<EntityTags> ifMatch = preconditions.ifMatch();
            Optional<EntityTags> ifNoneMatch = preconditions.ifNoneMatch();
            if (ifMatch.isPresent() && !ifMatch.get().matchStrongly(Optional.of(object))) {
                throw Failure.WRONG_REVISION.because("The object has the ETag " + EntityTags.of(object));
            }
            if (ifNoneMatch.isPresent() && ifNoneMatch.get().matchWeakly(object)) {
                cacheable(context.response(), object)
                        .setStatusCode(NOT_MODIFIED)
                        .end();
            } else if (context.request().method().equals(HttpMethod.HEAD)) {
                head(object, object.size()).end();
            } else {
                Optional<ByteRange> range = range(headers, object);
                if (range.isEmpty()) {
                    download(() -> head(object, object.size()), reader.whole(found.store(), object));
                } else {
                    send(found, range.get());
                }
            }
        }

        private void send(ObjectStores.Found found, ByteRange range) {
            ObjectInfo object = found.object();
            HttpServerResponse response = context.response();
            if (!range.satisfiable()) {
                Problem problem = ProblemType.RANGE_NOT_SATISFIABLE
                        .problem(
                                "The object has " + object.size() + " bytes",
                                context.request().path())
                        .seenBy(context.request());
                response.putHeader(HttpHeaders.CONTENT_RANGE, range.contentRange(object.size()));
                problem.writeTo(context.request(), json);
                return;
            }
            Runnable head = () -> head(object, range.length())
                    .setStatusCode(PARTIAL_CONTENT)
                    .putHeader(HttpHeaders.CONTENT_RANGE, range.contentRange(object.size()));
            UniResponse.send(
                    context,
                    reader.range(found.store(), object, range.from(), range.length()),
                    part -> download(head, part),
                    this::refused);
        }

        private HttpServerResponse head(ObjectInfo object, long length) {
            return content(context.response(), object).putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        }

        private void download(Runnable head, ObjectReader.Content content) {
            new ObjectDownload(context, head, content, reader.window(), stall, this::replaced, this::refused).begin();
        }

        private Uni<Boolean> replaced() {
            String reading = tried;
            return find().map(now -> !now.object().id().equals(reading))
                    .onFailure(Failure.NO_OBJECT::matches)
                    .recoverWithItem(true);
        }

        /** Reads the object again if it was replaced. */
        private void refused(Throwable failure) {
            boolean passes = Failure.NO_OBJECT.matches(failure) || Failure.UNAVAILABLE.matches(failure);
            if (!passes) {
                UniResponse.fail(context, failure);
                return;
            }
            left--;
            String before = tried;
            UniResponse.send(context, find(), now -> {
                if (now.object().id().equals(before)) {
                    UniResponse.fail(context, failure);
                } else if (left == 0) {
                    UniResponse.fail(
                            context,
                            Failure.UNAVAILABLE.because(
                                    "The object was replaced during each of " + MAX_READS + " reads"));
                } else {
                    found(now);
                }
            });
        }
    }

    /** The result of a write. */
    public record Receipt(String store, String name, long size, long chunks, String digest) {
        private static Receipt of(ObjectPath path, ObjectInfo object) {
            return new Receipt(path.store().value(), path.name().value(), object.size(), object.chunks(), object.tag());
        }
    }
}
