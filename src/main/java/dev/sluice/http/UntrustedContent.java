package dev.sluice.http;

import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/**
 * Content that a publisher wrote, with a content type that it chose. The headers prevent a browser from rendering it
 * within this site.
 */
public final class UntrustedContent {
    private static final String POLICY = "Content-Security-Policy";
    private static final String SANDBOX = "default-src 'none'; sandbox";
    private static final String ATTACHMENT = "attachment";

    private UntrustedContent() {}

    public static HttpServerResponse protect(HttpServerResponse response) {
        return response.putHeader(POLICY, SANDBOX).putHeader(HttpHeaders.CONTENT_DISPOSITION, ATTACHMENT);
    }

    public static Response.ResponseBuilder protect(Response.ResponseBuilder response) {
        return response.header(POLICY, SANDBOX).header(HttpHeaders.CONTENT_DISPOSITION, ATTACHMENT);
    }
}
