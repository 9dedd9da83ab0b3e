package dev.sluice.http.message;

import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/**
 * Writes message headers as response headers: {@code Content-Type} keeps its name, all others become
 * {@code NatsH-<Name>}. NATS allows names and values that HTTP does not; {@link HeaderText} encodes them.
 */
public final class ReplyHeaders {
    private static final String PREFIX = "NatsH-";

    private ReplyHeaders() {}

    public static Response.ResponseBuilder with(Response.ResponseBuilder response, Map<String, List<String>> headers) {
        response.type(MediaType.APPLICATION_OCTET_STREAM_TYPE);
        headers.forEach((name, values) -> values.forEach(value -> put(response, name, value)));
        return response;
    }

    private static void put(Response.ResponseBuilder response, String name, String value) {
        if (isContentType(name, value)) {
            response.type(value);
        } else {
            response.header(PREFIX + HeaderText.name(name), HeaderText.value(value));
        }
    }

    /** Writes the headers to the response of a route. */
    public static void put(HttpServerResponse response, Map<String, List<String>> headers) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_OCTET_STREAM);
        headers.forEach((name, values) -> values.forEach(value -> put(response, name, value)));
    }

    /** Writes one header to the response of a route. */
    public static void put(HttpServerResponse response, String name, String value) {
        if (isContentType(name, value)) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, value);
        } else {
            response.headers().add(PREFIX + HeaderText.name(name), HeaderText.value(value));
        }
    }

    private static boolean isContentType(String name, String value) {
        return name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)
                && HeaderText.value(value).equals(value)
                && isMediaType(value);
    }

    private static boolean isMediaType(String value) {
        try {
            return MediaType.valueOf(value).toString().length() > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
