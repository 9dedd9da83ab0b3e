package dev.sluice.events;

import dev.sluice.nats.InboundMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message of a feed, and what all its views make of it: its payload as text, and its event in each format, each made
 * once, when somebody needs it first. Several threads may ask; two that ask first at the same moment both make it.
 */
final class FeedMessage {
    private final InboundMessage message;
    private final Instant time;
    private final @Nullable EventId id;
    private volatile @Nullable Encoded encoded;
    private volatile @Nullable String text;

    /** What was made so far, one format after the other. */
    private record Encoded(
            EventFormat format, byte[] event, @Nullable Encoded others) {}

    /**
     * @param time when the stream stored the message, or on a core source, when it came
     * @param id null on a core source
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

    /** Its place in the stream; 0 on a core source, which has no places. */
    long sequence() {
        return id == null ? 0 : id.sequence();
    }

    /** The payload; what is not UTF-8 in it is replaced. */
    String text() {
        String decoded = text;
        if (decoded == null) {
            decoded = new String(message.data(), StandardCharsets.UTF_8);
            text = decoded;
        }
        return decoded;
    }

    /** The event, not to be changed. */
    byte[] event(EventFormat format) {
        Encoded made = encoded;
        for (Encoded one = made; one != null; one = one.others) {
            if (one.format == format) {
                return one.event;
            }
        }
        byte[] event = format.encode(message, time, id);
        encoded = new Encoded(format, event, made);
        return event;
    }
}
