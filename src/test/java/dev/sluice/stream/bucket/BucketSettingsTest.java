package dev.sluice.stream.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What settings make of the configuration of an existing bucket. */
class BucketSettingsTest {
    private static final Map<String, JsonValue> REPLICATED =
            Map.of("num_replicas", new JsonValue(3), "max_msgs_per_subject", new JsonValue(5));

    @Test
    void keepTheReplicasThatTheyDoNotName() {
        assertThat(settings(1, false).over(REPLICATED)).containsEntry("num_replicas", new JsonValue(3));
    }

    @Test
    void changeTheReplicasThatTheyName() {
        assertThat(settings(1, true).over(REPLICATED)).containsEntry("num_replicas", new JsonValue(1));
    }

    @Test
    void giveANewBucketTheReplicasOfTheDefinition() {
        assertThat(settings(1, false).over(Map.of())).containsEntry("num_replicas", new JsonValue(1));
    }

    @Test
    void keepTheMarkersThatTheyDoNotName() {
        Map<String, JsonValue> before = Map.of("subject_delete_marker_ttl", new JsonValue(5_000_000_000L));

        assertThat(settings(1, false).over(before))
                .containsEntry("subject_delete_marker_ttl", new JsonValue(5_000_000_000L));
    }

    @Test
    void replaceTheOtherLimits() {
        assertThat(settings(1, false).over(REPLICATED)).containsEntry("max_msgs_per_subject", new JsonValue(1));
    }

    private static BucketSettings settings(int replicas, boolean scales) {
        return new BucketSettings(
                new BucketDefinition("menu", 1, Duration.ZERO, replicas, -1),
                scales,
                -1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
