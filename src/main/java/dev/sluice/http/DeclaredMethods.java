package dev.sluice.http;

import dev.sluice.access.AuthenticationHandler;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP methods that a path supports, from resources and routes. A 405 response must list them (RFC 9110, section
 * 15.5.6), but the framework does not. The response to OPTIONS lists them too (section 9.3.7), but the framework
 * includes methods of other paths.
 */
@Singleton
final class DeclaredMethods {
    private static final int ORDER = AuthenticationHandler.ORDER + 1;

    private record Declared(Pattern path, String method) {}

    private final List<Declared> resources = new ArrayList<>();
    private @Nullable Router router;

    @Inject
    DeclaredMethods(BeanManager beans) {
        for (Bean<?> bean : beans.getBeans(Object.class, Any.Literal.INSTANCE)) {
            Path path = bean.getBeanClass().getAnnotation(Path.class);
            if (path != null) {
                declare(bean.getBeanClass(), path.value());
            }
        }
    }

    void register(@Observes Router main) {
        router = main;
        main.route(HttpMethod.OPTIONS, "/*").order(ORDER).handler(this::tell);
    }

    /**
     * Returns the methods of a path for the header {@code Allow}. Empty if the path does not exist.
     *
     * @param path normalized path, percent-encoded as received
     */
    Set<String> of(String path) {
        Set<String> methods = new TreeSet<>();
        for (Declared declared : resources) {
            if (declared.path().matcher(path).matches()) {
                methods.add(declared.method());
            }
        }
        addRoutes(path, methods);
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        if (!methods.isEmpty()) {
            methods.add("OPTIONS");
        }
        return methods;
    }

    private void addRoutes(String path, Set<String> methods) {
        if (router == null) {
            return;
        }
        for (Route route : router.getRoutes()) {
            String template = route.getName();
            if (template != null
                    && template.startsWith("/v1/")
                    && route.methods() != null
                    && pattern(template.replaceAll("/:(\\w+)", "/{$1}"))
                            .matcher(path)
                            .matches()) {
                route.methods().forEach(method -> methods.add(method.name()));
            }
        }
    }

    private void tell(RoutingContext context) {
        String path = context.normalizedPath();
        Set<String> methods = of(path);
        if (!methods.isEmpty()) {
            context.response()
                    .putHeader(HttpHeaders.ALLOW, String.join(", ", methods))
                    .end();
        } else if (path.startsWith("/v1/") || path.startsWith("/problems/")) {
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
                    resources.add(new Declared(pattern(base + "/" + rest), http.value()));
                }
            }
        }
    }

    /** Returns the pattern of a path template with variables such as {@code {name}} and {@code {name:.+}}. */
    private static Pattern pattern(String template) {
        String path = template.replaceAll("/+", "/").replaceAll("/$", "");
        return Pattern.compile(path.replaceAll("\\{\\w+:([^}]+)}", "$1").replaceAll("\\{\\w+}", "[^/]+"));
    }
}
