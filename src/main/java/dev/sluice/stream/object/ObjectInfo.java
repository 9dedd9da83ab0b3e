package dev.sluice.stream.object;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.InboundMessage;
import dev.sluice.stream.JetStreamJson;
import dev.sluice.stream.StoredMessage;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of an object, as its writer has stored it (ADR-20).
 *
 * @param id the {@link ObjectId} of its chunks; empty if its writer has stored none that can be one
 * @param size number of bytes
 * @param chunks number of chunks
 * @param chunkSize maximum size of a chunk; 0 if the writer did not store it
 * @param digest {@code SHA-256=} and the digest in Base64; null if there is none
 * @param link what it leads to; null if it is no link
 * @param modified time at which the metadata was stored
 * @param sequence sequence of the metadata
 * @param subject subject of the metadata
 * @param fields all fields as stored
 */
public record ObjectInfo(
        String name,
        String description,
        Map<String, List<String>> headers,
        Map<String, String> metadata,
        String id,
        long size,
        long chunks,
        long chunkSize,
        @Nullable String digest,
        @Nullable ObjectLink link,
        boolean deleted,
        Instant modified,
        long sequence,
        String subject,
        Map<String, JsonValue> fields) {
    static final String DIGEST_ALGORITHM = "SHA-256=";

    /** What a writer stores with an object. */
    record Content(String id, long size, long chunks, int chunkSize, String digest) {}

    /** Reads metadata; empty if they are not those of an object. */
    static Optional<ObjectInfo> read(StoredMessage stored) {
        return read(stored.subject(), stored.data(), stored.at(), stored.sequence());
    }

    /**
     * Reads metadata; empty if they are not those of an object.
     *
     * @param at time at which the stream stored the message
     */
    public static Optional<ObjectInfo> read(InboundMessage message, Instant at, long sequence) {
        return read(message.subject(), message.data(), at, sequence);
    }

    static Optional<ObjectInfo> read(String subject, byte[] data, Instant at, long sequence) {
        JsonValue json;
        try {
            json = JetStreamJson.parse(new String(data, StandardCharsets.UTF_8));
        } catch (SluiceException unreadable) {
            return Optional.empty();
        }
        String name = JsonValueUtils.readString(json, "name");
        if (json.map == null || name == null || name.isEmpty()) {
            return Optional.empty();
        }
        JsonValue options = JsonValueUtils.readObject(json, "options");
        String digest = JsonValueUtils.readString(json, "digest", "");
        return Optional.of(new ObjectInfo(
                name,
                JsonValueUtils.readString(json, "description", ""),
                headers(json),
                metadata(json),
                ObjectId.of(JsonValueUtils.readString(json, "nuid", ""))
                        .map(ObjectId::value)
                        .orElse(""),
                Math.max(0, JsonValueUtils.readLong(json, "size", 0)),
                Math.max(0, JsonValueUtils.readLong(json, "chunks", 0)),
                Math.max(0, JsonValueUtils.readLong(options, "max_chunk_size", 0)),
                digest.isEmpty() ? null : digest,
                link(options),
                JsonValueUtils.readBoolean(json, "deleted"),
                at,
                sequence,
                subject,
                json.map));
    }

    /** Returns the metadata of a new object. */
    static byte[] written(ObjectStoreName store, ObjectName name, Map<String, List<String>> headers, Content content) {
        Map<String, JsonValue> fields = new LinkedHashMap<>();
        fields.put("name", new JsonValue(name.value()));
        if (!headers.isEmpty()) {
            Map<String, JsonValue> values = new LinkedHashMap<>();
            headers.forEach((header, texts) -> values.put(
                    header, new JsonValue(texts.stream().map(JsonValue::new).toList())));
            fields.put("headers", new JsonValue(values));
        }
        fields.put("options", new JsonValue(Map.of("max_chunk_size", new JsonValue(content.chunkSize()))));
        fields.put("bucket", new JsonValue(store.value()));
        fields.put("nuid", new JsonValue(content.id()));
        fields.put("size", new JsonValue(content.size()));
        fields.put("chunks", new JsonValue(content.chunks()));
        fields.put("digest", new JsonValue(content.digest()));
        return bytes(fields);
    }

    /** Returns the metadata that mark this object as deleted. */
    byte[] deletion() {
        Map<String, JsonValue> marked = new HashMap<>(fields);
        marked.put("size", new JsonValue(0));
        marked.put("chunks", new JsonValue(0));
        marked.remove("digest");
        marked.put("deleted", JsonValue.TRUE);
        return bytes(marked);
    }

    /** Returns the text that identifies this content: the digest, or else the id. */
    public String tag() {
        return digest == null ? id : digest;
    }

    /** Returns whether it has chunks of its own. */
    boolean hasChunks() {
        return link == null && !deleted && !id.isEmpty();
    }

    private static byte[] bytes(Map<String, JsonValue> fields) {
        return new JsonValue(fields).toJson().getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable ObjectLink link(JsonValue options) {
        JsonValue link = JetStreamJson.member(options, "link");
        if (link == null || link.map == null) {
            return null;
        }
        String object = JsonValueUtils.readString(link, "name", "");
        return new ObjectLink(
                JsonValueUtils.readString(link, "bucket", ""),
                object.isEmpty() ? Optional.empty() : Optional.of(object));
    }

    private static Map<String, List<String>> headers(JsonValue json) {
        JsonValue headers = JetStreamJson.member(json, "headers");
        if (headers == null || headers.map == null) {
            return Map.of();
        }
        Map<String, List<String>> read = new TreeMap<>();
        headers.map.forEach((name, values) -> {
            if (values.array != null) {
                read.put(name, JsonValueUtils.readStringList(headers, name));
            }
        });
        return read;
    }

    private static Map<String, String> metadata(JsonValue json) {
        JsonValue metadata = JetStreamJson.member(json, "metadata");
        if (metadata == null || metadata.map == null) {
            return Map.of();
        }
        Map<String, String> read = new TreeMap<>();
        metadata.map.forEach((name, value) -> {
            if (value.string != null) {
                read.put(name, value.string);
            }
        });
        return read;
    }
}
