package dev.sluice.events;

import org.jspecify.annotations.Nullable;

/** How a feed looks to a client. Clients with equal views share what becomes of each message. */
record Projection(EventFormat format, MessageFilter filter) {

    /** Whether it has to look at each message. */
    boolean filtered() {
        return filter.size() > 0;
    }

    /** The event; null if the message is not to be seen. */
    byte @Nullable [] show(FeedMessage message) {
        return filter.shows(message) ? message.event(format) : null;
    }
}
