package dev.sluice.http;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ResourceInfo;
import java.lang.reflect.Method;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Rejects a client that does not take what the selected resource method produces, before the method runs: a fetch takes
 * messages. The framework ignores a weight of 0, and selects some method if the client takes none.
 */
@Singleton
final class AcceptFilter {

    @ServerRequestFilter
    void require(ResourceInfo resource, RoutingContext context) {
        Method method = resource.getResourceMethod();
        Produces produces = method.isAnnotationPresent(Produces.class)
                ? method.getAnnotation(Produces.class)
                : method.getDeclaringClass().getAnnotation(Produces.class);
        if (produces != null) {
            AcceptHeader.require(context, List.of(produces.value()));
        }
    }
}
