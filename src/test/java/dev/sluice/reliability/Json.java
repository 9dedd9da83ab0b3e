package dev.sluice.reliability;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

final class Json {
    static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /** Returns a missing node if {@code text} is not JSON. */
    static JsonNode read(String text) {
        try {
            JsonNode read = MAPPER.readTree(text);
            return read == null ? MissingNode.getInstance() : read;
        } catch (JsonProcessingException broken) {
            return MissingNode.getInstance();
        }
    }
}
