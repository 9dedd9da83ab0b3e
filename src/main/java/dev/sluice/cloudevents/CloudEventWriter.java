package dev.sluice.cloudevents;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.nats.PayloadText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event in JSON (JSON format, section 3.1). JSON data is written as it is, text in UTF-8 as a string, and all
 * other data in base64.
 */
final class CloudEventWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private CloudEventWriter() {}

    static byte[] write(Map<String, String> attributes, byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(data.length + 256);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            for (Map.Entry<String, String> attribute : attributes.entrySet()) {
                json.writeStringField(attribute.getKey(), attribute.getValue());
            }
            if (data.length > 0) {
                writeData(json, attributes.get(AttributeRules.CONTENT_TYPE), data);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeData(JsonGenerator json, @Nullable String contentType, byte[] data) throws IOException {
        String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
        String essence = type.split(";", 2)[0].strip();
        boolean declaredJson = essence.endsWith("/json") || essence.endsWith("+json");
        if (declaredJson && JsonCloudEvents.isJson(data)) {
            json.writeFieldName("data");
            json.writeRawValue(new String(data, StandardCharsets.UTF_8));
            return;
        }
        String text = !declaredJson && isText(essence, type) ? PayloadText.of(data) : null;
        if (text == null) {
            json.writeBinaryField("data_base64", data);
        } else {
            json.writeStringField("data", text);
        }
    }

    private static boolean isText(String essence, String type) {
        boolean text = essence.startsWith("text/") || essence.endsWith("/xml") || essence.endsWith("+xml");
        boolean utf8 = !type.contains("charset=") || type.replace("\"", "").contains("charset=utf-8");
        return text && utf8;
    }
}
