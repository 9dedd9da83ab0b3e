package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsumerInfoTest {
    @Test
    void readsAConsumerWithAPolicyOfANewerServer() {
        ConsumerInfo consumer = info("\"ack_policy\":\"flow_control\",\"durable_name\":\"c\"");

        assertThat(consumer.ackPolicy()).isEqualTo("flow_control");
        assertThat(consumer.ackMode()).isEqualTo(AckMode.EXPLICIT);
    }

    @Test
    void keepsFieldsThatItDoesNotKnow() {
        assertThat(info("\"of_tomorrow\":7").configuration()).containsKey("of_tomorrow");
    }

    @Test
    void readsAMissingLimitAsUnlimited() {
        ConsumerInfo.PullLimits limits =
                info("\"max_batch\":5,\"max_expires\":1000000000").limits();

        assertThat(limits.maxBatch()).isEqualTo(5);
        assertThat(limits.maxExpires()).isEqualTo(Duration.ofSeconds(1));
        assertThat(limits.maxBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(limits.maxWaiting()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void needsAQuorumOnlyWithFollowersAndAcks() {
        String followers = "\"cluster\":{\"replicas\":[{},{}]},";

        assertThat(info(followers, "\"ack_policy\":\"explicit\"").needsQuorum()).isTrue();
        assertThat(info(followers, "\"ack_policy\":\"none\"").needsQuorum()).isFalse();
        assertThat(info("", "\"ack_policy\":\"explicit\"").needsQuorum()).isFalse();
    }

    @Test
    void isUnavailableWithoutAConfiguration() {
        assertThatThrownBy(() -> ConsumerInfo.of(JetStreamJson.parse("{}"))).matches(Failure.UNAVAILABLE::matches);
    }

    private static ConsumerInfo info(String config) {
        return info("", config);
    }

    private static ConsumerInfo info(String fields, String config) {
        return ConsumerInfo.of(JetStreamJson.parse("{" + fields + "\"config\":{" + config + "}}"));
    }
}
