package dev.sluice.http;

import dev.sluice.flow.RequestPath;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** Responses to a {@code PUT} that creates or updates the resource at its path. */
public final class PutResponse {
    private PutResponse() {}

    /**
     * Returns 201 or 200 with the {@code view} of the resource. {@code Location} is a path, not a URL: behind a proxy
     * that ends TLS, the service does not know the scheme and host of its clients.
     */
    public static Response of(RoutingContext request, boolean created, Object view) {
        return created
                ? Response.status(Response.Status.CREATED)
                        .header(HttpHeaders.LOCATION, RequestPath.asSent(request.request()))
                        .entity(view)
                        .build()
                : Response.ok(view).build();
    }
}
