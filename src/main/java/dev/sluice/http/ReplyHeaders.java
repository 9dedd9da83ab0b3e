package dev.sluice.http;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/**
 * Writes message headers as response headers: {@code Content-Type} keeps its name, all others become
 * {@code NatsH-<Name>}. NATS allows names and values that HTTP does not; {@link HeaderText} encodes them.
 */
final class ReplyHeaders {
    private static final String PREFIX = "NatsH-";

    private ReplyHeaders() {}

    static Response.ResponseBuilder with(Response.ResponseBuilder response, Map<String, List<String>> headers) {
        response.type(MediaType.APPLICATION_OCTET_STREAM_TYPE);
        headers.forEach((name, values) -> values.forEach(value -> put(response, name, value)));
        return response;
    }

    private static void put(Response.ResponseBuilder response, String name, String value) {
        if (name.equalsIgnoreCase(HttpHeaders.CONTENT_TYPE) && isMediaType(value)) {
            response.type(value);
        } else {
            response.header(PREFIX + HeaderText.name(name), HeaderText.value(value));
        }
    }

    static boolean isMediaType(String value) {
        try {
            return MediaType.valueOf(value).toString().length() > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
