package dev.sluice.stream.pull;

import dev.sluice.stream.AckMode;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server says about a push consumer, as far as it does not change by itself.
 *
 * @param heartbeat how often the server gives a sign of life, zero for never
 * @param flowControl whether the server sends no further than what was taken allows
 */
record PushFacts(
        String deliverSubject,
        Optional<String> deliverGroup,
        Duration heartbeat,
        boolean flowControl,
        AckMode ackMode) {

    /** Empty if this is a pull consumer. */
    static Optional<PushFacts> of(ConsumerInfo info) {
        ConsumerConfiguration configuration = info.getConsumerConfiguration();
        return given(configuration.getDeliverSubject())
                .map(subject -> new PushFacts(
                        subject,
                        given(configuration.getDeliverGroup()),
                        Optional.ofNullable(configuration.getIdleHeartbeat()).orElse(Duration.ZERO),
                        configuration.isFlowControl(),
                        ConsumerFacts.ackMode(configuration.getAckPolicy())));
    }

    private static Optional<String> given(@Nullable String text) {
        return Optional.ofNullable(text).filter(it -> !it.isEmpty());
    }

    /** Heartbeats of a group go to one of its members each, so that a member cannot rely on them. */
    boolean heartbeatsReachEverySubscriber() {
        return !heartbeat.isZero() && deliverGroup.isEmpty();
    }
}
