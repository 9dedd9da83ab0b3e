package dev.sluice.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.nats.InboundMessage;
import dev.sluice.stream.bucket.BucketEntry;
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
    },
    /** A change of a bucket as one line of JSON, with the value as {@code value} or {@code value_base64}. */
    ENTRY {
        @Override
        byte[] encode(InboundMessage message, Instant time, @Nullable EventId id) {
            return entry(message, time, id, true);
        }
    },
    /** As {@link #ENTRY}, without the value. */
    ENTRY_WITHOUT_VALUE {
        @Override
        byte[] encode(InboundMessage message, Instant time, @Nullable EventId id) {
            return entry(message, time, id, false);
        }
    };

    /** Writes the members of a JSON object. */
    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }

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
        return object(message.data().length + 160, json -> {
            json.writeStringField("subject", message.subject());
            if (id != null) {
                json.writeNumberField("seq", id.sequence());
            }
            json.writeStringField("time", time.toString());
            writeHeaders(json, message);
            writePayload(json, "data", message.data());
        });
    }

    private static byte[] entry(InboundMessage message, Instant time, @Nullable EventId id, boolean withValue) {
        BucketEntry entry = BucketEntry.of(message, id == null ? 0 : id.sequence(), time);
        boolean value = withValue && !entry.deleted();
        int size = 224 + (value ? entry.value().length : 0);
        byte[] line = object(size, json -> {
            json.writeStringField("key", entry.key());
            json.writeNumberField("revision", entry.revision());
            json.writeStringField("time", time.toString());
            json.writeStringField("operation", entry.operation().toString());
            writeHeaders(json, message);
            if (value) {
                writePayload(json, "value", entry.value());
            }
        });
        return frame(size, id).line(line).end();
    }

    private static void writeHeaders(JsonGenerator json, InboundMessage message) throws IOException {
        json.writeObjectFieldStart("headers");
        for (Map.Entry<String, List<String>> field : message.headers().entrySet()) {
            json.writeArrayFieldStart(field.getKey());
            for (String value : field.getValue()) {
                json.writeString(value);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void writePayload(JsonGenerator json, String name, byte[] payload) throws IOException {
        if (isText(payload)) {
            json.writeFieldName(name);
            json.writeUTF8String(payload, 0, payload.length);
        } else {
            json.writeBinaryField(name + "_base64", payload);
        }
    }

    private static byte[] object(int sizeHint, Members members) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(sizeHint);
        try (JsonGenerator json = JSON_FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            members.write(json);
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
