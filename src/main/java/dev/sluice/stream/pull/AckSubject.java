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
    private static final int PLAIN_TOKENS = 9;
    private static final int DOMAIN_TOKENS = 11;
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

    private AckSubject(String text, int stream, int consumer, int figures) {
        this.text = text;
        this.stream = stream;
        this.consumer = consumer;
        this.figures = figures;
        int second = next(text, figures);
        int third = next(text, second);
        int fourth = next(text, third);
        int fifth = next(text, fourth);
        this.delivered = digits(text, figures, second - 1);
        this.streamSequence = digits(text, second, third - 1);
        this.consumerSequence = digits(text, third, fourth - 1);
        this.timestampNanos = digits(text, fourth, fifth - 1);
        this.pending = digits(text, fifth, next(text, fifth) - 1);
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
        int tokens = 1;
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
            tokens++;
        }
        int stream = PREFIX.length();
        if (tokens >= DOMAIN_TOKENS) {
            stream = next(text, next(text, stream));
        } else if (tokens != PLAIN_TOKENS) {
            return null;
        }
        int consumer = next(text, stream);
        int figures = next(text, consumer);
        AckSubject subject = new AckSubject(text, stream, consumer, figures);
        return subject.plausible() ? subject : null;
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
        return text == null ? MALFORMED : digits(text, 0, text.length());
    }

    private static long digits(String text, int from, int end) {
        if (from >= end) {
            return MALFORMED;
        }
        long value = 0;
        for (int i = from; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return MALFORMED;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** Where the token behind the one at {@code from} begins. */
    private static int next(String text, int from) {
        int dot = text.indexOf('.', from);
        return dot < 0 ? text.length() + 1 : dot + 1;
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
