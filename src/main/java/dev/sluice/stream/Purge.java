package dev.sluice.stream;

import dev.sluice.failure.Failure;
import dev.sluice.nats.SubjectPattern;
import io.nats.client.support.JsonValue;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Selects the messages that a purge removes: all, unless limited.
 *
 * @param subject only messages on matching subjects; null for all
 * @param before only messages before this sequence; null for all
 * @param keep number of the newest messages that stay; null for none. Not together with {@code before}
 */
public record Purge(
        @Nullable SubjectPattern subject,
        @Nullable Long before,
        @Nullable Long keep) {
    public Purge {
        if (before != null && keep != null) {
            throw Failure.INVALID.because("A purge has seq or keep, not both");
        }
    }

    /**
     * Returns whether nothing is before the sequence. Servers before 2.14.5 take the first sequence for no sequence, and would
     * remove everything.
     */
    public boolean none() {
        return before != null && before <= 1;
    }

    /** Returns this purge with no sequence after {@code end}: the server would continue the stream from there. */
    public Purge upTo(long end) {
        return before == null || before <= end ? this : new Purge(subject, end, keep);
    }

    Map<String, JsonValue> fields() {
        Map<String, JsonValue> fields = new HashMap<>();
        if (subject != null) {
            fields.put("filter", new JsonValue(subject.value()));
        }
        if (before != null) {
            fields.put("seq", new JsonValue(before));
        }
        if (keep != null) {
            fields.put("keep", new JsonValue(keep));
        }
        return fields;
    }
}
