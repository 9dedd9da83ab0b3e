package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.nats.PayloadText;
import dev.sluice.stream.bucket.BucketEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON view of one revision of a key: the value as text, or as base64 if it is not text; none for a deletion. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EntryView(
        String key,
        long revision,
        Instant time,
        String operation,
        Map<String, List<String>> headers,
        @Nullable String value,
        @JsonProperty("value_base64") byte @Nullable [] valueBase64) {

    static EntryView of(BucketEntry entry) {
        String text = entry.deleted() ? null : PayloadText.of(entry.value());
        return new EntryView(
                entry.key(),
                entry.revision(),
                entry.at(),
                entry.operation().toString(),
                entry.headers(),
                text,
                entry.deleted() || text != null ? null : entry.value());
    }
}
