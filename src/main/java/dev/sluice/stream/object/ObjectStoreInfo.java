package dev.sluice.stream.object;

import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The configuration and state of an object store. Null means no limit.
 *
 * @param maxAge maximum age of an object
 * @param compression whether the server compresses what it stores
 * @param sealed whether the store no longer changes
 * @param bytes size of all chunks and metadata
 * @param purgeable whether the server permits that chunks are removed
 */
public record ObjectStoreInfo(
        ObjectStoreName name,
        String description,
        @Nullable Duration maxAge,
        @Nullable Long maxBytes,
        long replicas,
        String storage,
        boolean compression,
        boolean sealed,
        long bytes,
        @Nullable Instant created,
        boolean purgeable) {

    /** Returns the object store that {@code stream} is; empty if it is another kind of stream. */
    static Optional<ObjectStoreInfo> of(StreamInfo stream) {
        return ObjectStoreName.ofStream(stream.name())
                .filter(name -> stream.subjects().contains(name.chunkPrefix() + ">")
                        && stream.subjects().contains(name.metadataSubjects()))
                .map(name -> of(name, stream));
    }

    private static ObjectStoreInfo of(ObjectStoreName name, StreamInfo stream) {
        StreamInfo.Limits limits = stream.limits();
        JsonValue config = new JsonValue(stream.configuration());
        boolean sealed = JsonValueUtils.readBoolean(config, "sealed");
        return new ObjectStoreInfo(
                name,
                JsonValueUtils.readString(config, "description", ""),
                limits.maxAge(),
                limits.maxBytes(),
                limits.replicas(),
                limits.storage(),
                ObjectStoreSettings.compressed(config),
                sealed,
                stream.state().bytes(),
                stream.created(),
                !sealed && !JsonValueUtils.readBoolean(config, "deny_purge"));
    }
}
