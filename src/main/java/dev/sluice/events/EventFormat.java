package dev.sluice.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.nats.InboundMessage;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The encoding of a message as an event. */
public enum EventFormat {
    /**
     * One line of JSON: subject, sequence if there is one, time, headers, and the payload as {@code data} or
     * {@code data_base64}.
     */
    JSON {
        @Override
        byte[] encode(InboundMessage message, Instant time, @Nullable EventId id) {
            return frame(message.data().length + 224, id)
                    .line(json(message, time, id))
                    .end();
        }
    },
    /** The payload only: as text, or as base64 in an event of type {@code binary}. */
    RAW {
        @Override
        byte[] encode(InboundMessage message, Instant time, @Nullable EventId id) {
            byte[] data = message.data();
            FrameBuilder frame = frame(data.length + 64, id);
            if (isText(data)) {
                return frame.text(data).end();
            }
            return frame.field("event", "binary")
                    .line(Base64.getEncoder().encode(data))
                    .end();
        }
    };

    private static final JsonFactory JSON_FACTORY = new JsonFactory();

    /**
     * Encodes a message.
     *
     * @param time time at which the stream stored the message; for a core source, time of receipt
     * @param id null for a core source
     */
    abstract byte[] encode(InboundMessage message, Instant time, @Nullable EventId id);

    private static FrameBuilder frame(int sizeHint, @Nullable EventId id) {
        FrameBuilder frame = new FrameBuilder(sizeHint);
        return id == null ? frame : frame.field("id", id.toString());
    }

    private static byte[] json(InboundMessage message, Instant time, @Nullable EventId id) {
        byte[] data = message.data();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(data.length + 160);
        try (JsonGenerator json = JSON_FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("subject", message.subject());
            if (id != null) {
                json.writeNumberField("seq", id.sequence());
            }
            json.writeStringField("time", time.toString());
            json.writeObjectFieldStart("headers");
            for (Map.Entry<String, List<String>> field : message.headers().entrySet()) {
                json.writeArrayFieldStart(field.getKey());
                for (String value : field.getValue()) {
                    json.writeString(value);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
            if (isText(data)) {
                json.writeFieldName("data");
                json.writeUTF8String(data, 0, data.length);
            } else {
                json.writeBinaryField("data_base64", data);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static boolean isText(byte[] data) {
        return ByteBufUtil.isText(Unpooled.wrappedBuffer(data), StandardCharsets.UTF_8);
    }
}
