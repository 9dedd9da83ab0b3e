package dev.sluice.access;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one request has brought so far, charged to its caller: a body without an end as it comes, every other when the
 * request has ended. On the request's event loop.
 */
public final class Upload {
    private static final String KEY = Upload.class.getName();

    private final @Nullable Allowance allowance;
    private long charged;

    private Upload(@Nullable Allowance allowance) {
        this.allowance = allowance;
    }

    /** That of {@code request}; in open mode one that costs nothing. */
    public static Upload of(RoutingContext request) {
        Upload upload = request.get(KEY);
        return upload == null ? new Upload(null) : upload;
    }

    static void begin(Allowance allowance, RoutingContext request) {
        allowance.begin();
        Upload upload = new Upload(allowance);
        request.put(KEY, upload);
        request.addEndHandler(ended -> allowance.end(request.request().bytesRead() - upload.charged));
    }

    /** Charges {@code bytes} of the body; how long to leave the rest of it unread, until that is made up for. */
    public Duration charge(int bytes) {
        if (allowance == null) {
            return Duration.ZERO;
        }
        charged += bytes;
        return allowance.spend(bytes);
    }
}
