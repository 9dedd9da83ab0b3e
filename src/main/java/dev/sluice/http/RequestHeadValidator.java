package dev.sluice.http;

import dev.sluice.failure.Failure;
import dev.sluice.flow.RequestPath;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rejects a request whose head the framework would interpret differently from what the client wrote. */
public final class RequestHeadValidator {
    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "OPTIONS");
    private static final Pattern DOT_SEGMENT = Pattern.compile("(?i)/(\\.|%2e){1,2}(/|$)");

    private RequestHeadValidator() {}

    /**
     * Checks the host, the transfer coding, the path, the query, the media type and the content coding.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID}, {@code UNSUPPORTED_TRANSFER_CODING} or
     *     {@code UNSUPPORTED_MEDIA_TYPE}
     * @throws IllegalArgumentException if the path cannot be decoded
     */
    public static void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        requireOneHost(request);
        requireChunked(request);
        requirePlainPath(RequestPath.belowRoot(context), request.path());
        requireDecodableQuery(context);
        requireMediaType(request.getHeader(HttpHeaders.CONTENT_TYPE));
        if (!WITHOUT_BODY.contains(request.method().name())) {
            requireIdentity(context, request.headers().getAll(HttpHeaders.CONTENT_ENCODING));
        }
    }

    /** RFC 9112, section 3.2. */
    private static void requireOneHost(HttpServerRequest request) {
        if (request.headers().getAll(HttpHeaders.HOST).size() > 1) {
            throw Failure.INVALID.because("The header Host must occur only once");
        }
    }

    /**
     * RFC 9112, section 6.1. The framework removes only the coding {@code chunked}, and would take a body in another one for
     * the content. HTTP/2 has no transfer codings.
     */
    private static void requireChunked(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2 && request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            String codings = String.join(",", request.headers().getAll(HttpHeaders.TRANSFER_ENCODING));
            if (!codings.strip().equalsIgnoreCase("chunked")) {
                throw Failure.UNSUPPORTED_TRANSFER_CODING.because(
                        "The only supported Transfer-Encoding is chunked; nothing was read");
            }
        }
    }

    /**
     * Rejects a path that the framework would change. The framework drops a semicolon and the text up to the next
     * slash, a trailing slash, one of two consecutive slashes, and the segments {@code .} and {@code ..}. The request would
     * then apply to another subject, stream, consumer or key than the path names. Percent-encoded, a semicolon and a slash
     * are kept. {@code ObjectPath} reads names of objects from the raw path.
     */
    private static void requirePlainPath(String normalized, @Nullable String raw) {
        if (raw == null || !isOurs(normalized)) {
            return;
        }
        if (raw.indexOf(';') >= 0) {
            throw Failure.INVALID.because("Encode a semicolon in the path as %3B");
        }
        if (raw.endsWith("/")) {
            throw Failure.INVALID.because(
                    "The path ends with a slash: remove it, or encode it as %2F if it belongs to a name");
        }
        if (raw.contains("//")) {
            throw Failure.INVALID.because("The path has two slashes in a row; encode a slash in a name as %2F");
        }
        if (!isBelow(normalized, "/v1/object-stores")
                && DOT_SEGMENT.matcher(raw).find()) {
            throw Failure.INVALID.because("The path has a segment . or ..; encode a slash beside it as %2F");
        }
    }

    private static boolean isOurs(String normalized) {
        return isBelow(normalized, "/v1") || isBelow(normalized, "/problems");
    }

    private static boolean isBelow(String path, String root) {
        return path.startsWith(root)
                && (path.length() == root.length()
                        || path.charAt(root.length()) == '/'
                        || path.charAt(root.length()) == ';');
    }

    /** Decodes the query once: {@link RoutingContext#queryParams()} caches it, so later reads cannot fail. */
    private static void requireDecodableQuery(RoutingContext context) {
        try {
            if (context.request().query() != null) {
                context.queryParams();
            }
        } catch (HttpException undecodable) {
            throw Failure.INVALID.because("The query cannot be decoded: encode a percent sign as %25", undecodable);
        }
    }

    private static void requireMediaType(@Nullable String contentType) {
        try {
            if (contentType != null) {
                MediaType.valueOf(contentType);
            }
        } catch (IllegalArgumentException unreadable) {
            throw Failure.INVALID.because("The header Content-Type is not a media type", unreadable);
        }
    }

    /** Rejects content codings. The response names the supported coding (RFC 9110, section 15.5.16). */
    private static void requireIdentity(RoutingContext context, List<String> codings) {
        for (String header : codings) {
            for (String coding : header.split(",", -1)) {
                String name = coding.strip();
                if (!name.isEmpty() && !name.equalsIgnoreCase("identity")) {
                    context.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
                    throw Failure.UNSUPPORTED_MEDIA_TYPE.because(
                            "A body with a Content-Encoding is not supported; nothing was read");
                }
            }
        }
    }
}
