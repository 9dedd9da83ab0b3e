package dev.sluice.access;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Lists the endpoints that the service declares: JAX-RS resources and Vert.x routes. HEAD is implied by GET. */
public final class Routes {
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");

    private Routes() {}

    /** Returns the endpoints that require authentication. */
    static Set<String> declared(Router router) {
        Set<String> guarded = all(router);
        guarded.removeIf(route -> !route.contains(" /v1/"));
        return guarded;
    }

    public static Set<String> all(Router router) {
        Set<String> all = new TreeSet<>();
        for (JavaClass type :
                new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests())).importPackages("dev.sluice")) {
            for (JavaMethod method : type.getMethods()) {
                for (JavaAnnotation<JavaMethod> annotation : method.getAnnotations()) {
                    String verb = annotation.getRawType().getSimpleName();
                    if (METHODS.contains(verb)
                            && annotation.getRawType().getPackageName().equals("jakarta.ws.rs")) {
                        all.add(verb + " " + path(type) + path(method));
                    }
                }
            }
        }
        for (Route route : router.getRoutes()) {
            if (route.getName() != null && route.getName().startsWith("/v1/") && route.methods() != null) {
                for (HttpMethod method : route.methods()) {
                    if (!method.equals(HttpMethod.HEAD) && !method.equals(HttpMethod.OPTIONS)) {
                        all.add(method + " " + route.getName());
                    }
                }
            }
        }
        return all;
    }

    private static String path(JavaClass type) {
        return type.tryGetAnnotationOfType(Path.class).map(Path::value).orElse("");
    }

    private static String path(JavaMethod method) {
        String path = method.tryGetAnnotationOfType(Path.class).map(Path::value).orElse("");
        return path.isEmpty() || path.startsWith("/") ? path : "/" + path;
    }
}
