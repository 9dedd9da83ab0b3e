package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.replay.FirstNames;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One name can have metadata under two subjects, as clients encode it in two ways. */
class ObjectListingTest {
    private final FirstNames<ObjectInfo> page = new FirstNames<>(name -> true, "", 10);

    @Test
    void aDeletionEndsTheObjectOfItsSubject() {
        ObjectListing.take(page, List.of(object("one", false), object("one", true)));

        assertThat(page.values()).isEmpty();
    }

    @Test
    void aDeletionDoesNotEndTheObjectOfAnotherSubject() {
        ObjectInfo present = object("one", false);

        ObjectListing.take(page, List.of(present, object("other", true)));

        assertThat(page.values()).containsExactly(present);
    }

    private static ObjectInfo object(String subject, boolean deleted) {
        return new ObjectInfo(
                "a", "", Map.of(), Map.of(), "id", 1, 1, 1, null, null, deleted, Instant.EPOCH, 9, subject, Map.of());
    }
}
