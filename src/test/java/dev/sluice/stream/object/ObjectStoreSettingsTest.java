package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What settings make of the configuration of an existing object store. */
class ObjectStoreSettingsTest {
    private static final Map<String, JsonValue> REPLICATED = Map.of("num_replicas", new JsonValue(3));

    @Test
    void keepTheReplicasThatTheyDoNotName() {
        assertThat(settings(OptionalInt.empty()).over(REPLICATED)).containsEntry("num_replicas", new JsonValue(3));
    }

    @Test
    void changeTheReplicasThatTheyName() {
        assertThat(settings(OptionalInt.of(1)).over(REPLICATED)).containsEntry("num_replicas", new JsonValue(1));
    }

    @Test
    void giveANewStoreOneReplica() {
        assertThat(settings(OptionalInt.empty()).over(Map.of())).containsEntry("num_replicas", new JsonValue(1));
    }

    private static ObjectStoreSettings settings(OptionalInt replicas) {
        return new ObjectStoreSettings(
                new ObjectStoreName("media"),
                Duration.ZERO,
                -1,
                replicas,
                Optional.empty(),
                Optional.empty(),
                false,
                false);
    }
}
