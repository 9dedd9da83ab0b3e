package dev.sluice.nats;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes the parts of a message as members of a JSON object. */
public final class MessageJson {
    private MessageJson() {}

    /** Writes {@code headers}, each name with all its values. */
    public static void writeHeaders(JsonGenerator json, Map<String, List<String>> headers) throws IOException {
        json.writeObjectFieldStart("headers");
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            json.writeArrayFieldStart(header.getKey());
            for (String value : header.getValue()) {
                json.writeString(value);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /**
     * Writes a payload as text, or as base64 with the suffix {@code _base64} if it is not text.
     *
     * @param json a generator of UTF-8
     */
    public static void writePayload(JsonGenerator json, String name, byte[] payload) throws IOException {
        if (PayloadText.isText(payload)) {
            json.writeFieldName(name);
            json.writeUTF8String(payload, 0, payload.length);
        } else {
            json.writeBinaryField(name + "_base64", payload);
        }
    }
}
