package dev.sluice.flow;

import io.vertx.ext.web.RoutingContext;

/** The path of a request, independent of {@code quarkus.http.root-path}. */
public final class RequestPath {
    private RequestPath() {}

    /**
     * Returns the path below {@code quarkus.http.root-path}, where the router is mounted: normalized, percent-encoded as
     * received.
     *
     * @throws IllegalArgumentException if the path cannot be decoded
     */
    public static String belowRoot(RoutingContext request) {
        String path = request.normalizedPath();
        String root = request.mountPoint();
        if (root == null || root.equals("/") || !path.startsWith(root)) {
            return path;
        }
        String below = path.substring(root.length());
        return below.startsWith("/") ? below : "/" + below;
    }
}
