package dev.sluice.http.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sluice.stream.object.ObjectInfo;
import dev.sluice.stream.object.ObjectLink;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON view of an object without its content. What its writer has not set is omitted. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ObjectView(
        String name,
        @Nullable String description,
        long size,
        long chunks,
        @Nullable String digest,
        Instant modified,
        Map<String, List<String>> headers,
        Map<String, String> metadata,
        @Nullable Target link) {

    /** What a link leads to: an object, or the whole store. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Target(String store, @Nullable String name) {}

    static ObjectView of(ObjectInfo object) {
        ObjectLink link = object.link();
        return new ObjectView(
                object.name(),
                object.description(),
                object.size(),
                object.chunks(),
                object.digest(),
                object.modified(),
                object.headers(),
                object.metadata(),
                link == null ? null : new Target(link.store(), link.object().orElse(null)));
    }
}
