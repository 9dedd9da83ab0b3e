package dev.sluice.http.body;

import dev.sluice.access.OpenRequest;
import dev.sluice.flow.AbortedResponse;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.ResponseEnd;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * A response whose lines are written as they arrive, each item after the socket has taken the previous one. The
 * framework's own writer reports a disconnected client as an error of the service, and ends a broken response as if it
 * were complete. Confined to the request's event loop.
 *
 * @param <T> type of the items; one item becomes one or more lines
 */
public final class StreamedResponse<T> implements LineWriter.Listener {
    private static final Logger LOG = Logger.getLogger(StreamedResponse.class);

    private final RoutingContext routing;
    private final HttpServerResponse response;
    private final String mediaType;
    private final LineWriter<T> writer;
    private final UniEmitter<? super Void> ended;
    private boolean over;

    private StreamedResponse(
            RoutingContext routing, String mediaType, Function<T, byte[]> lines, UniEmitter<? super Void> ended) {
        this.routing = routing;
        this.response = routing.response();
        this.mediaType = mediaType;
        this.ended = ended;
        this.writer =
                new LineWriter<>(response, ContextExecutor.of(routing), item -> begun(lines.apply(item)), 1, this);
    }

    /**
     * Writes {@code items} as the response. Fails with their failure if nothing is written yet. Cancels them if the
     * client disconnects, and does not subscribe to them if it already has.
     *
     * @param items signalled on the request's event loop
     * @param lines encodes an item as lines, each with its line break
     * @return completes when nothing more will be written
     */
    public static <T> Uni<Void> of(
            RoutingContext routing, String mediaType, Multi<T> items, Function<T, byte[]> lines) {
        return Uni.createFrom()
                .emitter(ended -> new StreamedResponse<T>(routing, mediaType, lines, ended).begin(items));
    }

    @Override
    public void progressed() {}

    @Override
    public void completed() {
        if (!over) {
            over = true;
            writeHead();
            OpenRequest.of(routing).end();
            ended.complete(null);
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (over) {
            return;
        }
        over = true;
        if (response.headWritten()) {
            LOG.debugf(
                    cause, "The response to %s was aborted", routing.request().path());
            AbortedResponse.cutOff(routing.request());
            ended.complete(null);
        } else {
            ended.fail(cause);
        }
    }

    private void begin(Multi<T> items) {
        ResponseEnd.whenEnded(routing, complete -> gone());
        if (!over) {
            items.subscribe().withSubscriber(writer);
        }
    }

    private void gone() {
        if (!over) {
            over = true;
            writer.stop();
            ended.complete(null);
        }
    }

    private byte[] begun(byte[] lines) {
        writeHead();
        return lines;
    }

    private void writeHead() {
        if (!response.headWritten()) {
            writeHead(response, mediaType);
        }
    }

    /** Sets the headers of a response that is written in parts, which no proxy may hold back or store. */
    public static void writeHead(HttpServerResponse response, String mediaType) {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, mediaType)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform")
                .putHeader("X-Accel-Buffering", "no");
    }
}
