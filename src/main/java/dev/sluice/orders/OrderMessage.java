package dev.sluice.orders;

import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.pull.Delivery;
import java.time.Instant;

/**
 * The place of one message in the stream of orders. The sequence alone does not identify a message: a stream that was
 * deleted and created again counts from 1 again.
 *
 * @param storedAt time at which the stream stored the message
 */
record OrderMessage(long sequence, Instant storedAt) {

    static OrderMessage of(Delivery delivery) {
        return new OrderMessage(delivery.streamSequence(), delivery.timestamp());
    }

    static OrderMessage of(StoredMessage message) {
        return new OrderMessage(message.sequence(), message.at());
    }
}
