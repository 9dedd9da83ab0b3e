package dev.sluice.reliability;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

final class Json {
    static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /** A missing node for what is no JSON. */
    static JsonNode read(String text) {
        try {
            JsonNode read = MAPPER.readTree(text);
            return read == null ? MissingNode.getInstance() : read;
        } catch (JsonProcessingException broken) {
            return MissingNode.getInstance();
        }
    }
}
