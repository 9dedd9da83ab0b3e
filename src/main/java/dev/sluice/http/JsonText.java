package dev.sluice.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The JSON text of a view: one document, or one line of several (NDJSON). */
public final class JsonText {
    /** Media type of a body that has one JSON document per line. */
    public static final String NDJSON = "application/x-ndjson";

    private JsonText() {}

    /**
     * Returns the text without a line break.
     *
     * @param view has only values that JSON can express
     */
    public static String of(ObjectMapper json, Object view) {
        try {
            return json.writeValueAsString(view);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view has only values that JSON can express", e);
        }
    }

    /** Returns the text with its line break. */
    public static String line(ObjectMapper json, Object view) {
        return of(json, view).concat("\n");
    }

    /** Returns the lines of {@code views}. */
    public static byte[] lines(ObjectMapper json, Stream<?> views) {
        return views.map(view -> line(json, view)).collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8);
    }
}
