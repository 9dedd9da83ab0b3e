package dev.sluice.stream;

import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Whether a consumer is paused.
 *
 * @param until end of the pause; empty if it is not paused
 */
public record ConsumerPause(Optional<Instant> until) {

    static ConsumerPause of(JsonValue answer) {
        ZonedDateTime until = JsonValueUtils.readDate(answer, "pause_until");
        return new ConsumerPause(
                JsonValueUtils.readBoolean(answer, "paused")
                        ? Optional.ofNullable(until).map(ZonedDateTime::toInstant)
                        : Optional.empty());
    }
}
