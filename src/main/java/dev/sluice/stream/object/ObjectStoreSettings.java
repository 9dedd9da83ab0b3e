package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The complete settings of an object store, as a caller defines them.
 *
 * @param maxAge maximum age of an object, zero for no limit
 * @param maxBytes maximum size of the store, -1 for no limit; a full store rejects new objects
 * @param replicas number of replicas, 1 to 5; empty for that of an existing store, or else for one
 * @param storage {@code file} or {@code memory}; empty for that of an existing store, or else for files
 * @param compression whether the server compresses what it stores
 * @param sealed whether the store no longer changes; this cannot be undone
 */
public record ObjectStoreSettings(
        ObjectStoreName name,
        Duration maxAge,
        long maxBytes,
        OptionalInt replicas,
        Optional<String> storage,
        Optional<String> description,
        boolean compression,
        boolean sealed) {
    private static final int MAX_REPLICAS = 5;
    private static final Duration MAX_DUPLICATE_WINDOW = Duration.ofMinutes(2);
    private static final String REPLICAS = "num_replicas";
    private static final String COMPRESSION = "compression";
    private static final String SEALED = "sealed";

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} with the rule in the message */
    public ObjectStoreSettings {
        if (replicas.isPresent() && (replicas.getAsInt() < 1 || replicas.getAsInt() > MAX_REPLICAS)) {
            throw Failure.INVALID.because("An object store has 1 to " + MAX_REPLICAS + " replicas");
        }
        if (maxBytes < -1 || maxBytes == 0) {
            throw Failure.INVALID.because("An object store has a positive number of bytes, or -1 for no limit");
        }
        if (maxAge.isNegative()) {
            throw Failure.INVALID.because("An object store cannot keep objects for a negative time");
        }
        if (storage.isPresent() && !storage.get().matches("file|memory")) {
            throw Failure.INVALID.because("The storage of an object store is file or memory");
        }
    }

    /** Returns {@code before}, the configuration of an existing stream or empty, changed to these settings. */
    Map<String, JsonValue> over(Map<String, JsonValue> before) {
        boolean brief = !maxAge.isZero() && maxAge.compareTo(MAX_DUPLICATE_WINDOW) < 0;
        Map<String, JsonValue> config = new HashMap<>(before);
        config.put("name", new JsonValue(name.stream()));
        config.putIfAbsent(
                "subjects",
                new JsonValue(
                        List.of(new JsonValue(name.chunkPrefix() + ">"), new JsonValue(name.metadataPrefix() + ">"))));
        config.put("max_age", new JsonValue(maxAge.toNanos()));
        config.put("duplicate_window", new JsonValue((brief ? maxAge : MAX_DUPLICATE_WINDOW).toNanos()));
        config.put("max_bytes", new JsonValue(maxBytes));
        config.putIfAbsent(REPLICAS, new JsonValue(1));
        replicas.ifPresent(number -> config.put(REPLICAS, new JsonValue(number)));
        config.put("discard", new JsonValue("new"));
        config.put("allow_rollup_hdrs", JsonValue.TRUE);
        config.put("allow_direct", JsonValue.TRUE);
        storage.ifPresent(where -> config.put("storage", new JsonValue(where)));
        config.remove("description");
        description.filter(text -> !text.isEmpty()).ifPresent(text -> config.put("description", new JsonValue(text)));
        JsonValue present = new JsonValue(before);
        if (compression != compressed(present)) {
            config.put(COMPRESSION, new JsonValue(compression ? "s2" : "none"));
        }
        if (sealed != JsonValueUtils.readBoolean(present, SEALED)) {
            config.put(SEALED, new JsonValue(sealed));
        }
        return config;
    }

    /** Returns whether {@code store} has these settings. The server removes the age of a store that it seals. */
    boolean match(ObjectStoreInfo store) {
        return (store.sealed() || maxAge.equals(Objects.requireNonNullElse(store.maxAge(), Duration.ZERO)))
                && maxBytes == Objects.requireNonNullElse(store.maxBytes(), -1L)
                && (replicas.isEmpty() || replicas.getAsInt() == store.replicas())
                && storage.orElse(store.storage()).equals(store.storage())
                && description.orElse("").equals(store.description())
                && compression == store.compression()
                && sealed == store.sealed();
    }

    static boolean compressed(JsonValue config) {
        String algorithm = JsonValueUtils.readString(config, COMPRESSION, "none");
        return !algorithm.isEmpty() && !algorithm.equals("none");
    }
}
