package dev.sluice.http;

import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerResponseContext;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Completes the problems of resources: the framework tells them the path without what comes before {@code /v1}. */
@Singleton
final class ProblemAddresses {

    @ServerResponseFilter
    void complete(ContainerResponseContext response, HttpServerRequest request) {
        if (response.getEntity() instanceof Problem problem) {
            response.setEntity(problem.seenBy(request));
        }
    }
}
