package dev.sluice.stream.replay;

import dev.sluice.nats.InboundMessage;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.pull.Delivery;
import java.time.Instant;

/**
 * A message with its stream sequence and storage time.
 *
 * @param time time at which the stream stored it
 */
public record StreamMessage(long sequence, Instant time, InboundMessage message) {

    static StreamMessage of(Delivery delivery) {
        return new StreamMessage(
                delivery.streamSequence(),
                delivery.timestamp(),
                new InboundMessage(delivery.subject(), null, delivery.headers(), delivery.data()));
    }

    static StreamMessage of(StoredMessage stored) {
        return new StreamMessage(
                stored.sequence(),
                stored.at(),
                new InboundMessage(stored.subject(), null, stored.headers(), stored.data()));
    }
}
