package dev.sluice.http;

import dev.sluice.failure.Failure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Refuses a request whose head would be read below as something else than its sender wrote. */
final class RequestHeadValidator {
    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "OPTIONS");

    private RequestHeadValidator() {}

    /**
     * Looks at the path, the type and the coding of the body.
     *
     * @throws dev.sluice.failure.SluiceException {@code INVALID} or {@code UNSUPPORTED_MEDIA_TYPE}
     * @throws IllegalArgumentException if the path cannot be decoded
     */
    static void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        requirePlainPath(context.normalizedPath(), request.path());
        requireMediaType(request.getHeader(HttpHeaders.CONTENT_TYPE));
        if (!WITHOUT_BODY.contains(request.method().name())) {
            requireIdentity(context, request.headers().getAll(HttpHeaders.CONTENT_ENCODING));
        }
    }

    /**
     * The framework drops a semicolon and what follows it up to the next slash, a slash at the end, and one of two slashes
     * in a row: a request would be about another subject, stream or consumer than it names. Percent-encoded they stay.
     */
    private static void requirePlainPath(String normalized, @Nullable String raw) {
        if (raw == null || !isOurs(normalized)) {
            return;
        }
        if (raw.indexOf(';') >= 0) {
            throw Failure.INVALID.because("A semicolon in the path is written %3B");
        }
        if (raw.endsWith("/")) {
            throw Failure.INVALID.because("The path ends with a slash; one that belongs to a name is written %2F");
        }
        if (raw.contains("//")) {
            throw Failure.INVALID.because(
                    "The path has two slashes in a row; one that belongs to a name is written %2F");
        }
    }

    private static boolean isOurs(String normalized) {
        return normalized.matches("/(v1|problems)(;[^/]*)?(/.*)?");
    }

    private static void requireMediaType(@Nullable String contentType) {
        try {
            if (contentType != null) {
                MediaType.valueOf(contentType);
            }
        } catch (IllegalArgumentException unreadable) {
            throw Failure.INVALID.because("The header Content-Type is no media type", unreadable);
        }
    }

    /** RFC 9110, section 15.5.16: the answer says which codings would be taken. */
    private static void requireIdentity(RoutingContext context, List<String> codings) {
        for (String header : codings) {
            for (String coding : header.split(",", -1)) {
                String name = coding.strip();
                if (!name.isEmpty() && !name.equalsIgnoreCase("identity")) {
                    context.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
                    throw Failure.UNSUPPORTED_MEDIA_TYPE.because(
                            "The body is taken as it is, without a Content-Encoding; nothing was read");
                }
            }
        }
    }
}
