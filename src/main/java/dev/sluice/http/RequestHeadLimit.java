package dev.sluice.http;

import dev.sluice.failure.Failure;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Limits the size of the address and of the headers of a request. The HTTP server has limits too, but its response is
 * not a problem document. Its limits are higher, so that a request that is moderately too large receives a problem
 * document.
 */
@Singleton
public final class RequestHeadLimit {
    /** The colon, the space and the line break of a header. */
    private static final int AROUND_A_HEADER = 4;

    private final long maxUriSize;
    private final long maxHeadersSize;

    @Inject
    RequestHeadLimit(HttpConfig config) {
        maxUriSize = config.maxUriSize().asLongValue();
        maxHeadersSize = config.maxHeadersSize().asLongValue();
    }

    /**
     * Rejects a request whose URI or headers are too large.
     *
     * @throws dev.sluice.failure.SluiceException {@code URI_TOO_LONG} or {@code HEADERS_TOO_LARGE}
     */
    public void check(HttpServerRequest request) {
        int uri = request.uri().length();
        if (uri > maxUriSize) {
            throw Failure.URI_TOO_LONG.because(
                    "The URI has " + uri + " bytes, including its query; the limit is " + maxUriSize);
        }
        long headers = size(request.headers());
        if (headers > maxHeadersSize) {
            throw Failure.HEADERS_TOO_LARGE.because(
                    "The headers have " + headers + " bytes in total; the limit is " + maxHeadersSize);
        }
    }

    private static long size(MultiMap headers) {
        long size = 0;
        for (Map.Entry<String, String> header : headers) {
            size += header.getKey().length() + header.getValue().length() + AROUND_A_HEADER;
        }
        return size;
    }
}
