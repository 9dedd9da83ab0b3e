package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.sluice.http.DurationText;
import dev.sluice.stream.object.ObjectStoreInfo;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The JSON view of an object store. A limit that is not set is omitted. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonNaming(SnakeCaseStrategy.class)
public record ObjectStoreView(
        String store,
        @Nullable String description,

        @JsonSerialize(using = DurationText.Writer.class) @Nullable
        Duration maxAge,

        @Nullable Long maxBytes,
        long replicas,
        String storage,
        boolean compression,
        boolean sealed,
        long bytes,
        @Nullable Instant created) {

    static ObjectStoreView of(ObjectStoreInfo store) {
        return new ObjectStoreView(
                store.name().value(),
                store.description().isEmpty() ? null : store.description(),
                store.maxAge(),
                store.maxBytes(),
                store.replicas(),
                store.storage(),
                store.compression(),
                store.sealed(),
                store.bytes(),
                store.created());
    }
}
