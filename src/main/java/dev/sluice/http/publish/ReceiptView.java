package dev.sluice.http.publish;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sluice.flow.RequestPath;
import dev.sluice.http.body.ResponseBytes;
import dev.sluice.stream.publish.Receipt;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The JSON view of a receipt: where the message was stored. */
record ReceiptView(String stream, long seq, boolean duplicate) {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final CharSequence JSON = HttpHeaders.createOptimized(ResponseBytes.JSON);

    static ReceiptView of(Receipt receipt) {
        return new ReceiptView(receipt.stream(), receipt.sequence(), receipt.duplicate());
    }

    /** Completes the response to {@code request} with this receipt. Must be called on its event loop. */
    void send(RoutingContext request) {
        HttpServerResponse response = request.response();
        response.setStatusCode(duplicate ? OK : CREATED).headers().set(HttpHeaders.CONTENT_TYPE, JSON);
        if (!duplicate) {
            response.headers()
                    .set(
                            HttpHeaders.LOCATION,
                            RequestPath.removedPrefix(request.request()) + location(request.mountPoint()));
        }
        response.end(json());
    }

    /**
     * Returns the path of the stored message. A stream name has no space, which has two encodings.
     *
     * @param root the path below which the service is mounted, with a slash at its end; null for none
     */
    private String location(@Nullable String root) {
        return (root == null ? "/" : root) + "v1/streams/" + URLEncoder.encode(stream, StandardCharsets.UTF_8)
                + "/messages/" + seq;
    }

    /** Returns the receipt as JSON. Most responses of a busy service are receipts, so no object mapper writes them. */
    String json() {
        return "{\"stream\":\"" + new String(JsonStringEncoder.getInstance().quoteAsString(stream)) + "\",\"seq\":"
                + seq + ",\"duplicate\":" + duplicate + "}";
    }
}
