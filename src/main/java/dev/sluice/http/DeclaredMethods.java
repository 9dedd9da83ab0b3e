package dev.sluice.http;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The methods that the resources declare for a path. RFC 9110, section 15.5.6, wants them in a 405, and the framework
 * does not say.
 */
@Singleton
final class DeclaredMethods {
    private record Declared(Pattern path, String method) {}

    private final List<Declared> all = new ArrayList<>();

    @Inject
    DeclaredMethods(BeanManager beans) {
        for (Bean<?> bean : beans.getBeans(Object.class, Any.Literal.INSTANCE)) {
            Path path = bean.getBeanClass().getAnnotation(Path.class);
            if (path != null) {
                declare(bean.getBeanClass(), path.value());
            }
        }
    }

    /** Separated by commas, as the header {@code Allow} has them; empty if no resource is there. */
    String of(String path) {
        return all.stream()
                .filter(declared -> declared.path().matcher(path).matches())
                .map(Declared::method)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private void declare(Class<?> resource, String base) {
        for (Method method : resource.getDeclaredMethods()) {
            for (Annotation annotation : method.getAnnotations()) {
                HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
                if (http != null) {
                    String rest = Optional.ofNullable(method.getAnnotation(Path.class))
                            .map(Path::value)
                            .orElse("");
                    all.add(new Declared(pattern(base + "/" + rest), http.value()));
                }
            }
        }
    }

    /** Of a template with variables such as {@code {name}} and {@code {name:.+}}. */
    private static Pattern pattern(String template) {
        String path = template.replaceAll("/+", "/").replaceAll("/$", "");
        return Pattern.compile(path.replaceAll("\\{\\w+:([^}]+)}", "$1").replaceAll("\\{\\w+}", "[^/]+") + "/?");
    }
}
