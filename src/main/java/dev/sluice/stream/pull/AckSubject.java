package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerRef;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reply subject of a JetStream message, which is its address for acks and says all about its delivery.
 *
 * <p>Two layouts are known: {@code $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>}
 * (nine tokens), and since server 2.15, where it is switched on, one with {@code <domain>.<account hash>} before the
 * stream (eleven tokens or more; ADR-15). It comes from the wire, so anything else is no ack subject rather than an
 * exception. Parsed without a copy: this runs once per message.
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

    /** @param stream where the stream's name begins */
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

    /** As {@link #parse}, of what {@link #fields} gave. */
    public static Optional<AckSubject> ofFields(String fields) {
        return Optional.ofNullable(parse(PREFIX + fields));
    }

    /** What {@code text} says, or null if it is no ack subject. */
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

    /** The number that {@code text} writes in plain digits, or -1 if it is anything else or too large. */
    static long digits(@Nullable String text) {
        if (text == null) {
            return MALFORMED;
        }
        Figures only = new Figures(text, 0);
        long value = only.next();
        return only.over() ? value : MALFORMED;
    }

    /** Where the token behind the one at {@code from} begins. */
    private static int next(String text, int from) {
        int dot = text.indexOf('.', from);
        return dot < 0 ? text.length() + 1 : dot + 1;
    }

    /** Reads tokens that are numbers, one after the other. */
    private static final class Figures {
        private static final int MOST_DIGITS = 19;

        private final String text;
        private int at;

        Figures(String text, int from) {
            this.text = text;
            this.at = from;
        }

        /** The next one; -1 if there is none, or if it is anything but a number of type long in plain digits. */
        long next() {
            int from = at;
            long value = 0;
            int i = from;
            for (; i < text.length() && text.charAt(i) != '.'; i++) {
                int digit = text.charAt(i) - '0';
                if (digit < 0 || digit > 9 || i - from == MOST_DIGITS) {
                    value = MALFORMED;
                    break;
                }
                value = value * 10 + digit;
            }
            at = i + 1;
            return i == from || value < 0 ? MALFORMED : value;
        }

        /** Whether the last one that was read ended the text. */
        boolean over() {
            return at == text.length() + 1;
        }
    }

    /** All that tells this ack subject from another: what stands behind {@code $JS.ACK.}. */
    public String fields() {
        return text.substring(PREFIX.length());
    }

    /** Whether {@code ref} made the delivery that this settles. */
    public boolean isOf(ConsumerRef ref) {
        return ref.stream().equals(stream()) && ref.consumer().equals(consumer());
    }

    String stream() {
        return text.substring(stream, consumer - 1);
    }

    String consumer() {
        return text.substring(consumer, figures - 1);
    }

    /** Which delivery of this message it is, from 1. */
    long delivered() {
        return delivered;
    }

    long streamSequence() {
        return streamSequence;
    }

    long consumerSequence() {
        return consumerSequence;
    }

    /** When the stream stored the message, since the epoch. */
    long timestampNanos() {
        return timestampNanos;
    }

    /** How many messages the consumer still had to deliver after this one. */
    long pending() {
        return pending;
    }

    @Override
    public String toString() {
        return text;
    }
}
