package dev.sluice.stream.bucket;

import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The configuration and state of a bucket. Null means no limit.
 *
 * @param history maximum number of revisions kept per key
 * @param maxAge maximum age of a revision
 * @param markerTtl how long the marker of an expired value is kept (ADR-48); null if there are no such markers
 * @param values number of stored revisions, markers included
 * @param revision last revision of the bucket
 * @param direct whether each of its servers answers direct gets
 * @param sealed whether the bucket no longer changes
 * @param expiring whether a value or a purge may have a time to live of its own (ADR-48)
 */
public record BucketInfo(
        BucketName name,
        String description,
        long history,
        @Nullable Duration maxAge,
        @Nullable Long maxValueSize,
        @Nullable Long maxBytes,
        long replicas,
        String storage,
        @Nullable Duration markerTtl,
        long values,
        long bytes,
        long revision,
        @Nullable Instant created,
        boolean direct,
        boolean sealed,
        boolean expiring) {

    /** Returns the bucket that {@code stream} is; empty if it is another kind of stream. */
    static Optional<BucketInfo> of(StreamInfo stream) {
        return BucketName.ofStream(stream.name())
                .filter(name -> stream.subjects().contains(name.subjects()))
                .map(name -> of(name, stream));
    }

    private static BucketInfo of(BucketName name, StreamInfo stream) {
        StreamInfo.Limits limits = stream.limits();
        Long history = limits.maxMessagesPerSubject();
        JsonValue config = new JsonValue(stream.configuration());
        Duration markers = JsonValueUtils.readNanos(config, "subject_delete_marker_ttl", Duration.ZERO);
        return new BucketInfo(
                name,
                JsonValueUtils.readString(config, "description", ""),
                history == null ? Long.MAX_VALUE : history,
                limits.maxAge(),
                limits.maxMessageSize(),
                limits.maxBytes(),
                limits.replicas(),
                limits.storage(),
                markers.isZero() ? null : markers,
                stream.state().messages(),
                stream.state().bytes(),
                stream.state().lastSequence(),
                stream.created(),
                stream.direct(),
                JsonValueUtils.readBoolean(config, "sealed"),
                JsonValueUtils.readBoolean(config, "allow_msg_ttl"));
    }

    boolean replicated() {
        return replicas > 1;
    }
}
