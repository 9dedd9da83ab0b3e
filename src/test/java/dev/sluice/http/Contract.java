package dev.sluice.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The service's OpenAPI document by operation, such as {@code POST /v1/publish/{subject}}. */
public final class Contract {
    private final JsonNode document;
    private final Map<String, JsonNode> operations = new TreeMap<>();

    public Contract(JsonNode document) {
        this.document = document;
        document.path("paths").properties().forEach(path -> path.getValue()
                .properties()
                .forEach(operation -> operations.put(
                        operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), operation.getValue())));
    }

    /** Reads the document from the sources, without a running service. */
    public static Contract ofSources() {
        try {
            String yaml = Files.readString(Path.of("src/main/resources/META-INF/openapi.yaml"));
            Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
            return new Contract(new ObjectMapper().valueToTree(document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces {@code {name:.+}} (JAX-RS) and {@code :name} (Vert.x) with {@code {name}}. */
    public static String withoutPatterns(String route) {
        return route.replaceAll("\\{(\\w+):[^}]+}", "{$1}").replaceAll("/:(\\w+)", "/{$1}");
    }

    public Map<String, JsonNode> operations() {
        return operations;
    }

    public Set<String> paths() {
        Set<String> paths = new TreeSet<>();
        document.path("paths").fieldNames().forEachRemaining(paths::add);
        return paths;
    }

    public Set<String> methods(String path) {
        Set<String> methods = new TreeSet<>();
        document.path("paths")
                .path(path)
                .fieldNames()
                .forEachRemaining(method -> methods.add(method.toUpperCase(Locale.ROOT)));
        return methods;
    }

    public Set<String> statuses(String operation) {
        Set<String> statuses = new TreeSet<>();
        operations.get(operation).path("responses").fieldNames().forEachRemaining(statuses::add);
        return statuses;
    }

    /** Returns whether the operation describes {@code status}, explicitly or with {@code default}. */
    public boolean describes(String operation, String status) {
        return statuses(operation).contains(status) || statuses(operation).contains("default");
    }

    /** Returns the names, or {@code none} if there are none, which is the word that the service uses. */
    public Set<String> queryParameters(String operation) {
        Set<String> names = new TreeSet<>();
        operations.get(operation).path("parameters").forEach(parameter -> {
            JsonNode described = resolve(parameter);
            if (described.path("in").textValue().equals("query")) {
                names.add(described.path("name").textValue());
            }
        });
        return names.isEmpty() ? Set.of("none") : names;
    }

    /** Returns the operation with example values for its path variables. */
    public String example(String operation) {
        int space = operation.indexOf(' ');
        return operation.substring(0, space + 1) + examplePath(operation.substring(space + 1));
    }

    public String examplePath(String path) {
        return path.replace("{seq}", "42").replace("{name}", "invalid").replaceAll("\\{\\w+}", "A-17");
    }

    /** Returns the target of a reference, or the node itself. */
    public JsonNode resolve(JsonNode node) {
        JsonNode reference = node.path("$ref");
        return reference.isMissingNode()
                ? node
                : document.at(reference.textValue().substring(1));
    }
}
