package dev.sluice.http.body;

import dev.sluice.access.OpenRequest;
import dev.sluice.flow.Buffers;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.flow.ResponseBody;
import dev.sluice.http.HttpConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * Limits the bytes of whole responses that wait for their clients. A response is in memory until the socket has taken it,
 * although its request has ended: without a limit, one HTTP/2 client that does not read could fill the heap. Further
 * responses are rejected and counted. Thread-safe.
 */
@Singleton
public final class ResponseBytes implements Limited {
    /** The media type of a JSON document, as the framework writes it. */
    public static final String JSON = "application/json;charset=UTF-8";

    private final Limit limit;

    @Inject
    ResponseBytes(HttpConfig config) {
        limit = new Limit("sluice.http.response-bytes", config.responseBytes().asLongValue());
    }

    /**
     * Ends the response of {@code request} with a body, which must not be modified any more; of a {@code HEAD} with its
     * length. Must be called on its event loop.
     *
     * @param head sets the status and the headers
     * @throws dev.sluice.failure.SluiceException {@code OVERLOADED} if there is no room; the response is unchanged
     */
    public void end(RoutingContext request, Runnable head, byte[] body) {
        if (request.request().method().equals(HttpMethod.HEAD)) {
            head.run();
            ResponseBody.end(request.request(), Buffers.wrap(body));
            return;
        }
        int counted = body.length <= BodyBytes.UNCOUNTED ? 0 : body.length;
        if (counted > 0) {
            limit.take(
                    counted,
                    "The responses that wait for their clients may have at most " + limit.max() + " bytes in total");
        }
        head.run();
        OpenRequest.of(request).end(Buffers.wrap(body)).onComplete(sent -> limit.release(counted));
    }

    /** As {@link #send(RoutingContext, String, byte[], Consumer)}, with a JSON document. */
    public Uni<Void> send(RoutingContext request, String document) {
        return send(request, JSON, document.getBytes(StandardCharsets.UTF_8), headers -> {});
    }

    /**
     * As {@link #end}, for a resource: the framework finds the response ended, also for {@code HEAD}. The client may have
     * left.
     *
     * @param headers adds further headers
     */
    public Uni<Void> send(RoutingContext request, String mediaType, byte[] body, Consumer<MultiMap> headers) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            return Uni.createFrom().voidItem();
        }
        Runnable head = () -> headers.accept(
                response.putHeader(HttpHeaders.CONTENT_TYPE, mediaType).headers());
        end(request, head, body);
        return Uni.createFrom().voidItem();
    }

    /** Returns the bytes that are held. */
    public long held() {
        return limit.taken();
    }

    /** Returns the number of responses that were rejected because the limit was reached. */
    public long refused() {
        return limit.refused();
    }

    @Override
    public List<Limit> limits() {
        return List.of(limit);
    }
}
