package dev.sluice.http.problem;

import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerResponseContext;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Adds the root path and the proxy prefix to the URIs of a problem. JAX-RS reports paths below the root only. */
@Singleton
final class ProblemAddresses {

    @ServerResponseFilter
    void complete(ContainerResponseContext response, HttpServerRequest request) {
        if (response.getEntity() instanceof Problem problem) {
            response.setEntity(problem.seenBy(request));
        }
    }
}
