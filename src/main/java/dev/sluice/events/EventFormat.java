package dev.sluice.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.MessageJson;
import dev.sluice.nats.PayloadText;
import dev.sluice.stream.bucket.BucketEntry;
import dev.sluice.stream.object.ObjectInfo;
import dev.sluice.stream.object.ObjectLink;
import dev.sluice.stream.object.ObjectName;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
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
            if (PayloadText.isText(data)) {
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

        @Override
        boolean deletion(InboundMessage message) {
            return BucketEntry.deletion(message);
        }
    },
    /** As {@link #ENTRY}, without the value. */
    ENTRY_WITHOUT_VALUE {
        @Override
        byte[] encode(InboundMessage message, Instant time, @Nullable EventId id) {
            return entry(message, time, id, false);
        }

        @Override
        boolean deletion(InboundMessage message) {
            return BucketEntry.deletion(message);
        }
    },
    /** The metadata of an object as one line of JSON, or its deletion; nothing of other messages. */
    OBJECT {
        @Override
        byte @Nullable [] encode(InboundMessage message, Instant time, @Nullable EventId id) {
            return ObjectInfo.read(message, time, id == null ? 0 : id.sequence())
                    .filter(object -> ObjectName.valid(object.name()))
                    .map(object -> frame(message.data().length + 128, id)
                            .line(change(object))
                            .end())
                    .orElse(null);
        }

        @Override
        boolean deletion(InboundMessage message) {
            return ObjectInfo.read(message, Instant.EPOCH, 0)
                    .filter(ObjectInfo::deleted)
                    .isPresent();
        }
    };

    /** Writes the members of a JSON object. */
    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    private static final JsonFactory JSON_FACTORY = new JsonFactory();

    /**
     * Encodes a message; null if this format shows nothing of it.
     *
     * @param time time at which the stream stored the message; for a core source, time of receipt
     * @param id null for a core source
     */
    abstract byte @Nullable [] encode(InboundMessage message, Instant time, @Nullable EventId id);

    /** Returns whether the message reports the deletion of an entry of a watched store. */
    boolean deletion(InboundMessage message) {
        return false;
    }

    private static FrameBuilder frame(int sizeHint, @Nullable EventId id) {
        FrameBuilder frame = new FrameBuilder(sizeHint);
        return id == null ? frame : frame.id(id);
    }

    private static FrameBuilder.Line json(InboundMessage message, Instant time, @Nullable EventId id) {
        return object(json -> {
            json.writeStringField("subject", message.subject());
            if (id != null) {
                json.writeNumberField("seq", id.sequence());
            }
            json.writeStringField("time", time.toString());
            MessageJson.writeHeaders(json, message.headers());
            MessageJson.writePayload(json, "data", message.data());
        });
    }

    private static byte[] entry(InboundMessage message, Instant time, @Nullable EventId id, boolean withValue) {
        BucketEntry entry = BucketEntry.of(message, id == null ? 0 : id.sequence(), time);
        boolean value = withValue && !entry.deleted();
        int size = 224 + (value ? entry.value().length : 0);
        FrameBuilder.Line line = object(json -> {
            json.writeStringField("key", entry.key());
            json.writeNumberField("revision", entry.revision());
            json.writeStringField("time", time.toString());
            json.writeStringField("operation", entry.operation().toString());
            MessageJson.writeHeaders(json, message.headers());
            if (value) {
                MessageJson.writePayload(json, "value", entry.value());
            }
        });
        return frame(size, id).line(line).end();
    }

    /** Returns the members of an object in a listing, with its revision and the operation. */
    private static FrameBuilder.Line change(ObjectInfo object) {
        return object(json -> {
            json.writeStringField("name", object.name());
            json.writeNumberField("revision", object.sequence());
            json.writeStringField("modified", object.modified().toString());
            json.writeStringField("operation", object.deleted() ? "delete" : "put");
            if (!object.deleted()) {
                writeContent(json, object);
            }
        });
    }

    private static void writeContent(JsonGenerator json, ObjectInfo object) throws IOException {
        if (!object.description().isEmpty()) {
            json.writeStringField("description", object.description());
        }
        json.writeNumberField("size", object.size());
        json.writeNumberField("chunks", object.chunks());
        if (object.digest() != null) {
            json.writeStringField("digest", object.digest());
        }
        if (!object.headers().isEmpty()) {
            MessageJson.writeHeaders(json, object.headers());
        }
        if (!object.metadata().isEmpty()) {
            json.writeObjectFieldStart("metadata");
            for (Map.Entry<String, String> field : object.metadata().entrySet()) {
                json.writeStringField(field.getKey(), field.getValue());
            }
            json.writeEndObject();
        }
        ObjectLink link = object.link();
        if (link != null) {
            json.writeObjectFieldStart("link");
            json.writeStringField("store", link.store());
            if (link.object().isPresent()) {
                json.writeStringField("name", link.object().get());
            }
            json.writeEndObject();
        }
    }

    /** Returns what writes an object directly into the frame: an event is copied as rarely as possible. */
    private static FrameBuilder.Line object(Members members) {
        return bytes -> {
            try (JsonGenerator json = JSON_FACTORY.createGenerator(bytes)) {
                json.writeStartObject();
                members.write(json);
                json.writeEndObject();
            }
        };
    }
}
