package dev.sluice.http;

import dev.sluice.flow.RequestPath;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The paths of the API, from resources and routes: their templates, for metrics, and the HTTP methods that they support.
 * A 405 response must list the methods (RFC 9110, section 15.5.6), but the framework does not. The response to OPTIONS
 * lists them too (section 9.3.7), but the framework includes methods of other paths.
 */
@Singleton
public final class DeclaredPaths {
    private record Declared(PathTemplate path, String method) {}

    private final List<Declared> resources = new ArrayList<>();
    private @Nullable Router router;
    /** All declared paths by the segment after the version; null until the first request, when all routes are known. */
    private volatile @Nullable Map<String, List<Declared>> families;

    @Inject
    DeclaredPaths(BeanManager beans) {
        for (Bean<?> bean : beans.getBeans(Object.class, Any.Literal.INSTANCE)) {
            Path path = bean.getBeanClass().getAnnotation(Path.class);
            if (path != null) {
                declare(bean.getBeanClass(), path.value());
            }
        }
    }

    void register(@Observes Router main) {
        router = main;
        main.route(HttpMethod.OPTIONS, "/*").order(RouteOrder.OTHER).handler(this::tell);
    }

    /**
     * Returns the methods of the path of a request for the header {@code Allow}. Empty if the path does not exist.
     */
    public Set<String> methods(RoutingContext context) {
        Set<String> methods = new TreeSet<>();
        String path = RequestPath.belowRoot(context);
        for (Declared declared : family(path)) {
            if (declared.path().matches(path)) {
                methods.add(declared.method());
            }
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        if (!methods.isEmpty()) {
            methods.add("OPTIONS");
        }
        return methods;
    }

    /** Returns the template of the path of a request, with names for its variables; null if the path does not exist. */
    public @Nullable String template(RoutingContext context) {
        String path = RequestPath.belowRoot(context);
        if (path.startsWith(PathTemplate.API)) {
            for (Declared declared : family(path)) {
                if (declared.path().matches(path)) {
                    return declared.path().toString();
                }
            }
        }
        return null;
    }

    private List<Declared> family(String path) {
        Map<String, List<Declared>> known = families;
        if (known == null) {
            known = Stream.concat(resources.stream(), routes())
                    .collect(Collectors.groupingBy(
                            declared -> PathTemplate.family(declared.path().toString())));
            families = known;
        }
        return known.getOrDefault(PathTemplate.family(path), List.of());
    }

    private Stream<Declared> routes() {
        return router == null ? Stream.empty() : router.getRoutes().stream().flatMap(DeclaredPaths::declared);
    }

    private static Stream<Declared> declared(Route route) {
        String name = route.getName();
        Set<HttpMethod> methods = route.methods();
        return name == null || methods == null || !name.startsWith(PathTemplate.API)
                ? Stream.empty()
                : methods.stream().map(method -> new Declared(PathTemplate.of(name), method.name()));
    }

    private void tell(RoutingContext context) {
        String path = RequestPath.belowRoot(context);
        Set<String> methods = methods(context);
        if (!methods.isEmpty()) {
            context.response()
                    .putHeader(HttpHeaders.ALLOW, String.join(", ", methods))
                    .end();
        } else if (path.startsWith(PathTemplate.API) || path.startsWith("/problems/")) {
            context.fail(404);
        } else {
            context.next();
        }
    }

    private void declare(Class<?> resource, String base) {
        for (Method method : resource.getDeclaredMethods()) {
            for (Annotation annotation : method.getAnnotations()) {
                jakarta.ws.rs.HttpMethod http =
                        annotation.annotationType().getAnnotation(jakarta.ws.rs.HttpMethod.class);
                if (http != null) {
                    String rest = Optional.ofNullable(method.getAnnotation(Path.class))
                            .map(Path::value)
                            .orElse("");
                    resources.add(new Declared(PathTemplate.of(base + "/" + rest), http.value()));
                }
            }
        }
    }
}
