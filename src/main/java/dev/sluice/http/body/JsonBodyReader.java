package dev.sluice.http.body;

import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import java.io.ByteArrayInputStream;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Reads the JSON body of a resource method before the framework does. The framework would accept 16 MiB, and a slow
 * client would block a worker thread.
 */
@Singleton
final class JsonBodyReader {
    private final Provider<MessageBody> body;

    /** @param body resolved lazily, because filters are created before the beans that they need */
    @Inject
    JsonBodyReader(Provider<MessageBody> body) {
        this.body = body;
    }

    @ServerRequestFilter
    Uni<Void> read(ContainerRequestContext context, ResourceInfo resource, HttpServerRequest request) {
        return resource.getResourceMethod().isAnnotationPresent(Consumes.class)
                ? body.get()
                        .readJson(request)
                        .invoke(bytes -> context.setEntityStream(new ByteArrayInputStream(bytes)))
                        .replaceWithVoid()
                : Uni.createFrom().voidItem();
    }
}
