package dev.sluice.flow;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** The path of a request: below {@code quarkus.http.root-path}, and as its client has sent it. */
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

    /**
     * Returns the path as the client has sent it. A proxy can have removed a prefix. Quarkus puts {@code X-Forwarded-Prefix} back
     * into the URI, not into the path, if {@code quarkus.http.proxy.enable-forwarded-prefix} is on.
     */
    public static String asSent(HttpServerRequest request) {
        return removedPrefix(request) + request.path();
    }

    /** Returns the prefix that a proxy has removed from the path; usually empty. */
    public static String removedPrefix(HttpServerRequest request) {
        String uri = request.uri();
        String path = request.path();
        if (path == null) {
            return "";
        }
        int query = uri.indexOf('?');
        int prefix = (query < 0 ? uri.length() : query) - path.length();
        return prefix > 0 && uri.startsWith("/") && uri.startsWith(path, prefix) ? uri.substring(0, prefix) : "";
    }
}
