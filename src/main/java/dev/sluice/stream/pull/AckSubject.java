package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerRef;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reply subject of a JetStream message. It is the address for acks and holds the metadata of the delivery.
 *
 * <p>There are two layouts:
 * {@code $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>} (nine tokens), and since
 * server 2.15, if enabled, one with {@code <domain>.<account hash>} before the stream (eleven tokens or more; ADR-15).
 * The text is wire input, so parsing anything else returns no ack subject and does not throw. Parsing copies nothing,
 * because it runs once per message.
 */
public final class AckSubject {
    static final String PREFIX = "$JS.ACK.";
    private static final long MALFORMED = -1;

    private final String text;
    private final int stream;
    private final int consumer;
    private final int figures;
    private final long delivered;
    private final long streamSequence;
    private final long consumerSequence;
    private final long timestampNanos;
    private final long pending;
    private final boolean whole;

    /** @param stream index at which the stream name begins */
    private AckSubject(String text, int stream) {
        this.text = text;
        this.stream = stream;
        this.consumer = next(text, stream);
        this.figures = next(text, consumer);
        Figures rest = new Figures(text, figures);
        this.delivered = rest.next();
        this.streamSequence = rest.next();
        this.consumerSequence = rest.next();
        this.timestampNanos = rest.next();
        this.pending = rest.next();
        this.whole = rest.over();
    }

    /** Parses the result of {@link #fields}; empty if it is not valid. */
    public static Optional<AckSubject> ofFields(String fields) {
        return Optional.ofNullable(parse(PREFIX + fields));
    }

    /** Parses {@code text}; returns null if it is not an ack subject. */
    static @Nullable AckSubject parse(@Nullable String text) {
        if (text == null || !text.startsWith(PREFIX)) {
            return null;
        }
        AckSubject plain = new AckSubject(text, PREFIX.length());
        if (plain.whole) {
            return plain.plausible() ? plain : null;
        }
        AckSubject domain = new AckSubject(text, next(text, next(text, PREFIX.length())));
        return domain.plausible() ? domain : null;
    }

    private boolean plausible() {
        return consumer > stream + 1
                && figures > consumer + 1
                && delivered > 0
                && streamSequence > 0
                && consumerSequence > 0
                && timestampNanos != MALFORMED
                && pending != MALFORMED;
    }

    /** Parses a number in plain digits; returns -1 if {@code text} is anything else or exceeds a long. */
    static long digits(@Nullable String text) {
        if (text == null) {
            return MALFORMED;
        }
        Figures only = new Figures(text, 0);
        long value = only.next();
        return only.over() ? value : MALFORMED;
    }

    /** Returns the index at which the token after the one at {@code from} begins. */
    private static int next(String text, int from) {
        int dot = text.indexOf('.', from);
        return dot < 0 ? text.length() + 1 : dot + 1;
    }

    /** Reads consecutive numeric tokens. */
    private static final class Figures {
        private static final int MAX_DIGITS = 19;

        private final String text;
        private int at;

        Figures(String text, int from) {
            this.text = text;
            this.at = from;
        }

        /** Returns the next number; -1 if there is none or if the token is not a long in plain digits. */
        long next() {
            int from = at;
            long value = 0;
            int i = from;
            for (; i < text.length() && text.charAt(i) != '.'; i++) {
                int digit = text.charAt(i) - '0';
                if (digit < 0 || digit > 9 || i - from == MAX_DIGITS) {
                    value = MALFORMED;
                    break;
                }
                value = value * 10 + digit;
            }
            at = i + 1;
            return i == from || value < 0 ? MALFORMED : value;
        }

        /** Returns whether the last token read ended the text. */
        boolean over() {
            return at == text.length() + 1;
        }
    }

    /** Returns the part after {@code $JS.ACK.}, which identifies this ack subject. */
    public String fields() {
        return text.substring(PREFIX.length());
    }

    /** Returns whether this ack subject belongs to a delivery of consumer {@code ref}. */
    public boolean isOf(ConsumerRef ref) {
        return ref.stream().equals(stream()) && ref.consumer().equals(consumer());
    }

    String stream() {
        return text.substring(stream, consumer - 1);
    }

    String consumer() {
        return text.substring(consumer, figures - 1);
    }

    /** Delivery count of the message, starting at 1. */
    long delivered() {
        return delivered;
    }

    long streamSequence() {
        return streamSequence;
    }

    long consumerSequence() {
        return consumerSequence;
    }

    /** Time at which the stream stored the message, in nanoseconds since 1970. */
    long timestampNanos() {
        return timestampNanos;
    }

    /** Number of messages that the consumer still had to deliver after this one. */
    long pending() {
        return pending;
    }

    @Override
    public String toString() {
        return text;
    }
}
