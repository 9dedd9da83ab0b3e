package dev.sluice.http;

import dev.sluice.flow.RequestPath;
import io.quarkus.runtime.LaunchMode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Adds an {@code ETag}, a hash of the content, to the page, its scripts, and the libraries in their jars. Browsers
 * revalidate on each request, and receive 304 if their copy is current (RFC 9110, section 13.1.2). Quarkus serves the
 * file itself.
 */
@Singleton
final class AssetTags {
    /** Before the static files, after the handlers that add headers. */
    private static final int ORDER = -1;

    private static final int NOT_MODIFIED = 304;
    private static final Pattern FILE =
            Pattern.compile("/(?!v1/|q/|problems/)([-_.a-zA-Z0-9]+/)*[-_.a-zA-Z0-9]+\\.[a-z0-9]+");
    private static final String FOLDER = "META-INF/resources";

    private final Map<String, String> known = new ConcurrentHashMap<>();

    void register(@Observes Router router) {
        router.route()
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .order(ORDER)
                .handler(this::tag);
    }

    private void tag(RoutingContext context) {
        String path = RequestPath.belowRoot(context);
        String tag = tag(path.equals("/") ? "/index.html" : path);
        if (tag == null) {
            context.next();
            return;
        }
        HttpServerResponse response =
                context.response().putHeader(HttpHeaders.ETAG, tag).putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
        if (isCurrent(context.request().getHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
            response.setStatusCode(NOT_MODIFIED).end();
        } else {
            context.next();
        }
    }

    private @Nullable String tag(String path) {
        if (!FILE.matcher(path).matches()) {
            return null;
        }
        String tag = known.get(path);
        if (tag == null) {
            tag = read(path);
            if (tag != null && LaunchMode.current() != LaunchMode.DEVELOPMENT) {
                known.put(path, tag);
            }
        }
        return tag;
    }

    /**
     * Returns the tag of a file, or null if there is none. Files are small and read once, in development mode each
     * time.
     */
    private static @Nullable String read(String path) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (InputStream file = loader.getResourceAsStream(FOLDER + path)) {
            return file == null ? null : '"' + digest(file.readAllBytes()) + '"';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Compares weakly: a proxy that compresses a response turns its tag into a weak tag. */
    private static boolean isCurrent(@Nullable String asked, String tag) {
        if (asked == null) {
            return false;
        }
        for (String one : asked.split(",", -1)) {
            String candidate = one.strip();
            if (candidate.equals("*") || candidate.equals(tag) || candidate.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }
}
