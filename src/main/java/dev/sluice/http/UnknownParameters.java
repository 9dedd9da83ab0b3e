package dev.sluice.http;

import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.Parameter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Rejects query parameters that a resource method does not declare. A method with a {@link UriInfo} parameter reads the
 * query itself and calls {@link QueryParameters} itself.
 */
@Singleton
final class UnknownParameters {

    @ServerRequestFilter
    void refuse(ContainerRequestContext context, ResourceInfo resource) {
        List<Parameter> parameters = List.of(resource.getResourceMethod().getParameters());
        if (parameters.stream().noneMatch(parameter -> parameter.getType() == UriInfo.class)) {
            QueryParameters.allow(context.getUriInfo().getQueryParameters().keySet(), declared(parameters));
        }
    }

    private static Set<String> declared(List<Parameter> parameters) {
        Set<String> names = new HashSet<>();
        for (Parameter parameter : parameters) {
            RestQuery query = parameter.getAnnotation(RestQuery.class);
            if (query != null) {
                names.add(query.value().isEmpty() ? parameter.getName() : query.value());
            }
        }
        return names;
    }
}
