package dev.sluice.http;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.vertx.MultiHelper;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** The lines of a request's body, read as they are asked for. Used on the request's event loop only. */
final class UploadedLines {
    private final HttpServerRequest request;
    private final LineSplitter splitter;
    private boolean progressed;

    UploadedLines(HttpServerRequest request, int maxLine) {
        this.request = request;
        this.splitter = new LineSplitter(maxLine);
    }

    /** Can be subscribed to once. Fails if the sender leaves. */
    Multi<Line> multi() {
        Multi<Line> whole = MultiHelper.toMulti(request).onItem().transformToIterable(chunk -> {
            long before = splitter.lines();
            Iterable<Line> completed = splitter.split(chunk.getBytes());
            progressed |= splitter.lines() > before;
            return completed;
        });
        Multi<Line> last = Multi.createFrom().deferred(() -> Multi.createFrom().iterable(splitter.end()));
        return Multi.createBy()
                .concatenating()
                .streams(whole, last)
                .onSubscription()
                .invoke(this::tellToSend);
    }

    /** How many were completed, blank ones too. */
    long count() {
        return splitter.lines();
    }

    /** Whether a line was completed since this was asked last. */
    boolean progressed() {
        boolean since = progressed;
        progressed = false;
        return since;
    }

    private void tellToSend() {
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
    }
}
