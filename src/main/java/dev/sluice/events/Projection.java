package dev.sluice.events;

import org.jspecify.annotations.Nullable;

/** The format and filter that a client applies to a feed. Clients with equal projections share the encoded events. */
record Projection(EventFormat format, MessageFilter filter) {

    /** Returns whether each message must be evaluated by filters. */
    boolean filtered() {
        return filter.size() > 0;
    }

    /** Returns the event; null if the filter rejects the message, or the format shows nothing of it. */
    byte @Nullable [] show(FeedMessage message) {
        return filter.shows(message) ? message.event(format) : null;
    }
}
