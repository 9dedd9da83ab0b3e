package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server says about a push consumer.
 *
 * @param heartbeat how often the server gives a sign of life, zero for never
 */
record PushFacts(String deliverSubject, Optional<String> deliverGroup, Duration heartbeat, AckMode ackMode) {

    /** @throws dev.sluice.failure.SluiceException {@code INVALID} if {@code answer} is about a pull consumer */
    static PushFacts of(ConsumerRef ref, JsonValue answer) {
        JsonValue config = JetStreamApi.member(answer, "config");
        String deliverSubject = config == null ? null : text(config, "deliver_subject");
        if (config == null || deliverSubject == null) {
            throw Failure.INVALID.because("The consumer " + ref + " is pull based");
        }
        return new PushFacts(
                deliverSubject,
                Optional.ofNullable(text(config, "deliver_group")),
                Duration.ofNanos(JetStreamApi.number(JetStreamApi.member(config, "idle_heartbeat"))),
                ackMode(text(config, "ack_policy")));
    }

    private static AckMode ackMode(@Nullable String policy) {
        if ("explicit".equals(policy)) {
            return AckMode.EXPLICIT;
        }
        return "all".equals(policy) ? AckMode.ALL : AckMode.NONE;
    }

    private static @Nullable String text(JsonValue object, String name) {
        JsonValue value = JetStreamApi.member(object, name);
        return value == null || value.string == null || value.string.isEmpty() ? null : value.string;
    }
}
