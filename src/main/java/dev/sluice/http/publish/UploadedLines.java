package dev.sluice.http.publish;

import dev.sluice.access.OpenRequest;
import dev.sluice.http.body.BodyBytes;
import dev.sluice.http.body.MessageBody;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.vertx.MultiHelper;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * The lines of a request body, read on demand and within the byte rate of the caller. Confined to the request's event
 * loop.
 */
final class UploadedLines {
    private final HttpServerRequest request;
    private final OpenRequest open;
    private final LineSplitter splitter;
    private boolean progressed;

    UploadedLines(RoutingContext routing, int maxLine, BodyBytes bytes) {
        this.request = routing.request();
        this.open = OpenRequest.of(routing);
        this.splitter = new LineSplitter(maxLine, bytes.share());
    }

    /** Returns the lines. Allows one subscription. Fails if the client disconnects. */
    Multi<Line> multi() {
        Multi<Line> whole = MultiHelper.toMulti(request)
                .onItem()
                .call(chunk -> open.charge(chunk.length(), this::delayed))
                .onItem()
                .transformToIterable(chunk -> {
                    List<Line> completed = splitter.split(chunk.getBytes());
                    progressed |= !completed.isEmpty();
                    return completed;
                });
        Multi<Line> last = Multi.createFrom().deferred(() -> Multi.createFrom().iterable(splitter.end()));
        return Multi.createBy()
                .concatenating()
                .streams(whole, last)
                .onSubscription()
                .invoke(() -> MessageBody.tellToSend(request));
    }

    /** Releases the bytes of all lines. Call it when no line waits any more, or nothing reads them. */
    void close() {
        splitter.close();
    }

    /** Returns the number of completed lines, blank lines included. */
    long count() {
        return splitter.lines();
    }

    /**
     * Returns whether, since the previous call, a line that is not blank was completed or reading was delayed by a rate
     * limit.
     */
    boolean progressed() {
        boolean since = progressed;
        progressed = false;
        return since;
    }

    /** A delay counts as progress: a throttled client is not a slow client. */
    private void delayed() {
        progressed = true;
    }
}
