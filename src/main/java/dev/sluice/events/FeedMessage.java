package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message of a feed with its derived forms: the payload as text, and the event in each format. Each form is created
 * once, on first use. Thread-safe; two threads that ask first at the same moment may both create it.
 */
final class FeedMessage {
    private final InboundMessage message;
    private final Instant time;
    private final @Nullable EventId id;
    private volatile @Nullable Encoded encoded;
    private volatile @Nullable String text;

    /** The events encoded so far, a linked list with one entry per format. */
    private record Encoded(
            EventFormat format,
            byte @Nullable [] event,
            @Nullable Encoded others) {}

    /**
     * @param time time at which the stream stored the message; for a core source, time of receipt
     * @param id null for a core source
     */
    FeedMessage(InboundMessage message, Instant time, @Nullable EventId id) {
        this.message = message;
        this.time = time;
        this.id = id;
    }

    InboundMessage message() {
        return message;
    }

    @Nullable
    EventId id() {
        return id;
    }

    /** Returns the stream sequence; 0 for a core source. */
    long sequence() {
        return id == null ? 0 : id.sequence();
    }

    /** Returns the payload as text; bytes that are not UTF-8 are replaced. */
    String text() {
        String decoded = text;
        if (decoded == null) {
            decoded = new String(message.data(), StandardCharsets.UTF_8);
            text = decoded;
        }
        return decoded;
    }

    /** Returns the event; null if the format shows nothing of the message. The array must not be modified. */
    byte @Nullable [] event(EventFormat format) {
        Encoded made = encoded;
        for (Encoded one = made; one != null; one = one.others) {
            if (one.format == format) {
                return one.event;
            }
        }
        byte @Nullable [] event = format.encode(message, time, id);
        encoded = new Encoded(format, event, made);
        return event;
    }
}
