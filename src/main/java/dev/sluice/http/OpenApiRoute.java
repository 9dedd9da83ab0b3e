package dev.sluice.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.flow.ResponseBody;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Serves the OpenAPI document at {@code /q/openapi}, as YAML or JSON. The document is a complete file. Quarkus' extension
 * would parse and write it at each start, which takes a tenth of the startup time; this route reads it on request.
 */
@Singleton
final class OpenApiRoute {
    private static final String FILE = "META-INF/openapi.yaml";
    private static final String PATH = "/q/openapi";
    private static final String JSON = "application/json";
    private static final String YAML = "application/yaml";

    private final ObjectMapper json;
    private final boolean separatePort;

    @Inject
    OpenApiRoute(ObjectMapper json, @ConfigProperty(name = "quarkus.management.enabled") boolean separatePort) {
        this.json = json;
        this.separatePort = separatePort;
    }

    void register(@Observes ManagementInterface management) {
        add(management.router());
    }

    void register(@Observes Router router) {
        if (!separatePort) {
            add(router);
        }
    }

    private void add(Router router) {
        for (String path : new String[] {PATH, PATH + ".json", PATH + ".yaml", PATH + ".yml"}) {
            router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).blockingHandler(this::serve, false);
        }
    }

    private void serve(RoutingContext context) {
        boolean asJson = wantsJson(context);
        context.response().putHeader(HttpHeaders.CONTENT_TYPE, (asJson ? JSON : YAML) + ";charset=UTF-8");
        ResponseBody.end(context.request(), Buffer.buffer(asJson ? json() : yaml()));
    }

    private static boolean wantsJson(RoutingContext context) {
        String path = context.normalizedPath();
        if (!path.endsWith(PATH)) {
            return path.endsWith(".json");
        }
        String accepted = context.request().getHeader(HttpHeaders.ACCEPT);
        return (accepted != null && accepted.contains(JSON))
                || "json".equalsIgnoreCase(context.queryParams().get("format"));
    }

    private byte[] json() {
        try {
            return json.writeValueAsBytes(new YAMLMapper().readTree(yaml()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] yaml() {
        try (InputStream file = Thread.currentThread().getContextClassLoader().getResourceAsStream(FILE)) {
            if (file == null) {
                throw new FileNotFoundException(FILE);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
