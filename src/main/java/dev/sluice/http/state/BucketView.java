package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.sluice.http.DurationText;
import dev.sluice.stream.bucket.BucketInfo;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The JSON view of a bucket. A limit that is not set is omitted. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(SnakeCaseStrategy.class)
public record BucketView(
        String bucket,
        @Nullable String description,
        @Nullable Long history,

        @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration maxAge,

        @Nullable Long maxValueSize,
        @Nullable Long maxBytes,
        long replicas,
        String storage,

        @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration markerTtl,

        boolean sealed,
        long values,
        long bytes,
        long revision,
        @Nullable Instant created) {

    static BucketView of(BucketInfo bucket) {
        return new BucketView(
                bucket.name().value(),
                bucket.description().isEmpty() ? null : bucket.description(),
                bucket.history() == Long.MAX_VALUE ? null : bucket.history(),
                bucket.maxAge(),
                bucket.maxValueSize(),
                bucket.maxBytes(),
                bucket.replicas(),
                bucket.storage(),
                bucket.markerTtl(),
                bucket.sealed(),
                bucket.values(),
                bucket.bytes(),
                bucket.revision(),
                bucket.created());
    }
}
