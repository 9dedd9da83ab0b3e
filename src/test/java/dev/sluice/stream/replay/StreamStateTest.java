package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Tests whether a reported stream state continues a known position, and when it is inconclusive. */
class StreamStateTest {
    private static final String FIRST = "2026-01-02T03:04:05Z";
    private static final long STORED = Instant.parse(FIRST).toEpochMilli();

    @Test
    void aLaterStateContinuesTheEpoch() {
        assertThat(state(1, "").continues(10, STORED + 5)).isTrue();
        assertThat(state(3, "").continues(10, STORED + 5)).isTrue();
    }

    @Test
    void anUnreplicatedStreamWithFewerMessagesIsAnotherEpoch() {
        assertThat(state(1, "").continues(11, STORED + 5)).isFalse();
    }

    @Test
    void aReplicaWithFewerMessagesMayLag() {
        unavailable(() -> state(3, "").continues(11, STORED + 5));
    }

    @Test
    void aReplicatedStreamWithFewerMessagesForLongHasLostItsEnd() {
        long begun = System.nanoTime();
        unavailable(() -> state(3, "").continues(12, STORED + 5, begun));
        unavailable(() -> state(3, "").continues(12, STORED + 5, begun + 7_000_000_000L));

        assertThat(state(3, "").continues(12, STORED + 5, begun + 9_000_000_000L))
                .isFalse();
    }

    @Test
    void aMessageYoungerThanItsSuccessorIsOfAnotherEpoch() {
        assertThat(state(1, "").continues(10, STORED - 5)).isFalse();
        assertThat(state(3, "").continues(10, STORED - 5)).isFalse();
        assertThat(state(3, "").continues(11, STORED - 5)).isFalse();
    }

    @Test
    void aLeaderWithAMajorityIsTrusted() {
        assertThat(state(3, followers(900_000_000L, 60_000_000_000L)).last()).isEqualTo(10);
    }

    @Test
    void aLeaderWithoutAMajorityIsNotTrusted() {
        unavailable(() -> state(3, followers(5_000_000_000L, 5_000_000_000L)));
    }

    @Test
    void tellsTheTimeOfTheServer() {
        assertThat(state(1, ", \"ts\": \"2020-05-06T07:08:09Z\"").time()).isEqualTo("2020-05-06T07:08:09Z");
    }

    @Test
    void aMarkerMayBeLostAfterHalfOfItsLifetime() {
        assertThat(marked().markersLost(Duration.ofSeconds(5))).isFalse();
        assertThat(marked().markersLost(Duration.ofSeconds(6))).isTrue();
        assertThat(state(1, "").markersLost(Duration.ofDays(1))).isFalse();
    }

    @Test
    void aReaderWithoutATimeMayMissAMarker() {
        assertThat(marked().markersLostSince(0)).isTrue();
        assertThat(marked().markersLostSince(
                                Instant.parse(FIRST).minusSeconds(5).toEpochMilli()))
                .isFalse();
        assertThat(state(1, "").markersLostSince(0)).isFalse();
    }

    private static StreamState marked() {
        return state(", \"subject_delete_marker_ttl\": 10000000000", 1, ", \"ts\": \"" + FIRST + "\"");
    }

    private static void unavailable(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SluiceException.class, failure -> assertThat(failure.failure())
                .isEqualTo(Failure.UNAVAILABLE));
    }

    private static String followers(long one, long other) {
        return """
                , "cluster": { "leader": "n0", "replicas": [
                  { "name": "n1", "current": true, "active": %d }, { "name": "n2", "current": true, "active": %d } ] }
                """.formatted(one, other);
    }

    private static StreamState state(int replicas, String cluster) {
        return state("", replicas, cluster);
    }

    private static StreamState state(String configuration, int replicas, String cluster) {
        try {
            return StreamState.of(
                    StreamInfo.of(JsonParser.parse("""
                    { "created": "2026-01-01T00:00:00Z",
                      "config": { "name": "S", "subjects": [ "s.>" ], "retention": "limits", "num_replicas": %d%s },
                      "state": { "messages": 10, "first_seq": 1, "first_ts": "%s", "last_seq": 10, "last_ts": "%s" }
                      %s }
                    """.formatted(replicas, configuration, FIRST, FIRST, cluster))));
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
