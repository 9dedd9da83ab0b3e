package dev.sluice.http;

import dev.sluice.access.OidcTenants;
import dev.sluice.flow.RequestPath;
import dev.sluice.flow.ResponseBody;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.quarkus.runtime.LaunchMode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.MimeMapping;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Serves the console: its document and scripts, and the libraries in their jars, with an {@code ETag} that is a hash of the content. Browsers
 * revalidate on each request, and receive 304 if their copy is current (RFC 9110, section 13.1.2).
 *
 * <p>A client that takes gzip gets the compressed file; other clients get it from Quarkus. Compression of the HTTP server is
 * off: it would run for each response, and the length of a compressed response with a secret tells about it.
 */
@Singleton
final class Assets {
    /** Before the static files, after the handlers that add headers. */
    private static final int ORDER = -1;

    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);
    private static final int NOT_MODIFIED = 304;
    private static final int METHOD_NOT_ALLOWED = 405;
    /** Possessive: otherwise the depth of the stack grows with the number of segments. */
    private static final Pattern FILE =
            Pattern.compile("/(?!v1/|q/|problems/)([-_.a-zA-Z0-9]++/)*+[-_.a-zA-Z0-9]+\\.[a-z0-9]+");

    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]+)");

    private static final String FOLDER = "META-INF/resources";

    private static final String INDEX = "/index.html";
    private static final String ROOT_ELEMENT = "<html lang=\"en\">";

    /** Tells the console what it would have to ask for; empty if there is nothing to tell. */
    private final String attributes;

    private final Map<String, Asset> known = new ConcurrentHashMap<>();

    /**
     * @param changed null if Quarkus can serve the file as it is
     * @param compressed null if the file is no text
     */
    private record Asset(
            String tag, @Nullable Buffer changed, @Nullable Buffer compressed) {}

    @Inject
    Assets(
            OidcTenants tenants,
            @ConfigProperty(name = "quarkus.management.enabled", defaultValue = "false") boolean management,
            @ConfigProperty(name = "quarkus.management.port", defaultValue = "9000") int managementPort) {
        // With sign-in, the page asks first who has. It does not ask for health checks that are on another port.
        attributes = (tenants.signIn() ? " data-sign-in" : "")
                + (management ? " data-management=\"" + managementPort + '"' : "");
    }

    void register(@Observes Router router) {
        router.route().order(ORDER).handler(this::serve);
    }

    private void serve(RoutingContext context) {
        String requested = RequestPath.belowRoot(context);
        String path = requested.equals("/") ? INDEX : requested;
        HttpMethod method = context.request().method();
        Asset asset = method.equals(HttpMethod.OPTIONS) ? null : asset(path);
        if (asset == null) {
            context.next();
            return;
        }
        if (!READING.contains(method)) {
            context.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            context.fail(METHOD_NOT_ALLOWED);
            return;
        }
        HttpServerResponse response = context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
        Buffer compressed = null;
        if (asset.compressed != null) {
            response.headers().add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
            compressed = takesGzip(context) ? asset.compressed : null;
        }
        // A strong tag would claim that both forms are the same bytes.
        response.putHeader(HttpHeaders.ETAG, compressed == null ? asset.tag : "W/" + asset.tag);
        if (isCurrent(context.request().getHeader(HttpHeaders.IF_NONE_MATCH), asset.tag)) {
            response.setStatusCode(NOT_MODIFIED).end();
        } else if (compressed != null) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaderValues.GZIP);
            end(context, path, compressed);
        } else if (asset.changed != null) {
            end(context, path, asset.changed);
        } else {
            dropInvalidRange(context.request());
            // Quarkus sets the type only of a file that it sends.
            if (method.equals(HttpMethod.HEAD)) {
                response.putHeader(HttpHeaders.CONTENT_TYPE, type(path));
            }
            context.next();
        }
    }

    private static void end(RoutingContext context, String path, Buffer content) {
        context.response().putHeader(HttpHeaders.CONTENT_TYPE, type(path));
        ResponseBody.end(context.request(), content);
    }

    /** Drops a range that ends before it begins: it is invalid and to be ignored (RFC 9110, section 14.1.1). Quarkus sends 416. */
    private static void dropInvalidRange(HttpServerRequest request) {
        String range = request.getHeader(HttpHeaderNames.RANGE);
        if (range != null) {
            Matcher bounds = RANGE.matcher(range);
            if (bounds.matches() && new BigInteger(bounds.group(1)).compareTo(new BigInteger(bounds.group(2))) > 0) {
                request.headers().remove(HttpHeaderNames.RANGE);
            }
        }
    }

    private static String type(String path) {
        String type = Objects.requireNonNullElse(MimeMapping.getMimeTypeForFilename(path), "application/octet-stream");
        return isText(path) ? type + ";charset=UTF-8" : type;
    }

    private static boolean takesGzip(RoutingContext context) {
        return context.parsedHeaders().acceptEncoding().stream()
                .anyMatch(
                        coding -> coding.weight() > 0 && HttpHeaderValues.GZIP.contentEqualsIgnoreCase(coding.value()));
    }

    private @Nullable Asset asset(String path) {
        if (!FILE.matcher(path).matches()) {
            return null;
        }
        Asset asset = known.get(path);
        if (asset == null) {
            asset = read(path);
            if (asset != null && LaunchMode.current() != LaunchMode.DEVELOPMENT) {
                known.put(path, asset);
            }
        }
        return asset;
    }

    /** Returns null if there is no such file. Files are small: each is read and compressed once, in development mode each time. */
    private @Nullable Asset read(String path) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (InputStream file = loader.getResourceAsStream(FOLDER + path)) {
            if (file == null) {
                return null;
            }
            byte[] content = file.readAllBytes();
            boolean changes = !attributes.isEmpty() && path.equals(INDEX);
            if (changes) {
                content = withAttributes(content);
            }
            return new Asset(
                    '"' + digest(content) + '"',
                    changes ? Buffer.buffer(content) : null,
                    isText(path) ? compressed(content) : null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] withAttributes(byte[] index) {
        return new String(index, StandardCharsets.UTF_8)
                .replace(ROOT_ELEMENT, ROOT_ELEMENT.replace(">", attributes + ">"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isText(String path) {
        String type = MimeMapping.getMimeTypeForFilename(path);
        return type != null && type.startsWith("text/");
    }

    private static Buffer compressed(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return Buffer.buffer(out.toByteArray());
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
