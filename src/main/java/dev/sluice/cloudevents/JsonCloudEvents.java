package dev.sluice.cloudevents;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sluice.failure.SluiceException;
import dev.sluice.failure.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Checks events in the JSON format. It does not change their bytes, so no number is rounded, and members of later versions
 * of the specification are kept.
 */
final class JsonCloudEvents {
    /** Reads UTF-8 only: the parser would take zero bytes at the start for UTF-16 or UTF-32. */
    private static final JsonFactory JSON =
            JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    private static final String BODY = "body";

    private final byte[] body;
    private final JsonParser json;
    private final List<Violation> violations = new ArrayList<>();

    private JsonCloudEvents(byte[] body, JsonParser json) {
        this.body = body;
        this.json = json;
    }

    /** @throws SluiceException {@code INVALID} with the violations */
    static void requireEvent(byte[] body) {
        read(body, JsonCloudEvents::single);
    }

    /**
     * Returns the events of an array.
     *
     * @throws SluiceException {@code INVALID} with the violations, each with the index of its event
     */
    static List<byte[]> split(byte[] body) {
        return read(body, JsonCloudEvents::array);
    }

    /** Returns whether the bytes are one JSON value in UTF-8. */
    static boolean isJson(byte[] bytes) {
        if (!isUtf8(bytes)) {
            return false;
        }
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() == null) {
                return false;
            }
            json.skipChildren();
            return json.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private interface Reader<T> {
        T read(JsonCloudEvents events) throws IOException;
    }

    private static <T> T read(byte[] body, Reader<T> reader) {
        if (!isUtf8(body)) {
            throw CloudEvents.invalid(
                    "The body is not JSON in UTF-8", List.of(new Violation(BODY, "must be JSON in UTF-8")));
        }
        try (JsonParser json = JSON.createParser(body)) {
            JsonCloudEvents events = new JsonCloudEvents(body, json);
            T result = reader.read(events);
            if (json.nextToken() != null) {
                throw notOneDocument("");
            }
            if (!events.violations.isEmpty()) {
                throw CloudEvents.invalid(events.violations);
            }
            return result;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw notOneDocument(at == null ? "" : ": line " + at.getLineNr() + ", column " + at.getColumnNr());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SluiceException notOneDocument(String where) {
        return CloudEvents.invalid(
                "The body is not one JSON document" + where, List.of(new Violation(BODY, "must be one JSON document")));
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
        } catch (CharacterCodingException e) {
            return false;
        }
        return true;
    }

    private byte[] single() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            violations.add(new Violation(BODY, "must be a JSON object"));
        } else {
            readEvent("");
        }
        return body;
    }

    private List<byte[]> array() throws IOException {
        List<byte[]> events = new ArrayList<>();
        if (json.nextToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            violations.add(new Violation(BODY, "must be a JSON array"));
            return events;
        }
        for (int index = 0; json.nextToken() != JsonToken.END_ARRAY; index++) {
            String place = "[" + index + "]";
            if (json.currentToken() == JsonToken.START_OBJECT) {
                int from = (int) json.currentTokenLocation().getByteOffset();
                readEvent(place + ".");
                events.add(Arrays.copyOfRange(
                        body, from, (int) json.currentLocation().getByteOffset()));
            } else {
                json.skipChildren();
                if (violations.size() < Attributes.MAX_VIOLATIONS) {
                    violations.add(new Violation(place, "must be a JSON object"));
                }
            }
        }
        return events;
    }

    private void readEvent(String path) throws IOException {
        Attributes attributes = new Attributes(path, violations);
        boolean data = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            boolean first = attributes.first(name);
            if (name.equals("data") || (name.equals("data_base64") && json.currentToken() != JsonToken.VALUE_NULL)) {
                if (data && first) {
                    attributes.broken(name, "must not occur together with the other form of the data");
                }
                data = true;
                readData(attributes, name);
            } else if (first) {
                readAttribute(attributes, name);
            }
            json.skipChildren();
        }
        attributes.complete();
    }

    private void readData(Attributes attributes, String name) throws IOException {
        if (name.equals("data_base64") && !isBase64()) {
            attributes.broken(name, "must be a string in base64 (RFC 4648, section 4)");
        }
    }

    private boolean isBase64() throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            return false;
        }
        try {
            Base64.getDecoder().decode(json.getText());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void readAttribute(Attributes attributes, String name) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        String rule = AttributeRules.ofName(name);
        if (rule != null) {
            attributes.broken(name, rule);
        } else if (json.currentToken() == JsonToken.VALUE_STRING) {
            attributes.put(name, json.getText());
        } else if (AttributeRules.isCore(name)) {
            attributes.broken(name, "must be a string");
        } else if (!json.currentToken().isBoolean() && !isInteger()) {
            attributes.broken(name, "must be a string, a boolean, or an integer of 32 bits");
        }
    }

    private boolean isInteger() throws IOException {
        return json.currentToken() == JsonToken.VALUE_NUMBER_INT && json.getNumberType() == JsonParser.NumberType.INT;
    }
}
