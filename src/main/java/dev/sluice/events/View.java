package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a feed looks to a client. Clients with equal views share each encoded message. */
record View(EventFormat format, MessageFilter filter) {

    /** The event; null if the message is not to be seen. */
    byte @Nullable [] show(InboundMessage message, Instant time, @Nullable EventId id) {
        return filter.shows(message) ? format.encode(message, time, id) : null;
    }
}
