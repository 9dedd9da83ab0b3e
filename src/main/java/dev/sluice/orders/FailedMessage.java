package dev.sluice.orders;

import dev.sluice.nats.Trace;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.pull.Delivery;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A message that could not be processed, and the reason. */
record FailedMessage(
        String stream,
        long sequence,
        Instant storedAt,
        String subject,
        String consumer,
        long deliveries,
        String reason,
        Map<String, List<String>> headers,
        byte[] headerBlock,
        byte[] data) {
    /** @param trace trace of the failure, stored in the headers so that it can be found from the dead letter */
    static FailedMessage of(Delivery delivery, String reason, Trace trace) {
        return new FailedMessage(
                delivery.stream(),
                delivery.streamSequence(),
                delivery.timestamp(),
                delivery.subject(),
                delivery.consumer(),
                delivery.delivered(),
                reason,
                trace.continued(delivery.headers()),
                delivery.foreignHeaders().orElseGet(() -> new byte[0]),
                delivery.data());
    }

    static FailedMessage of(StoredMessage message, MaxDeliveriesAdvisory advisory, String reason) {
        return new FailedMessage(
                advisory.stream(),
                message.sequence(),
                message.at(),
                message.subject(),
                advisory.consumer(),
                advisory.deliveries(),
                reason,
                message.headers(),
                message.headerBlock(),
                message.data());
    }
}
