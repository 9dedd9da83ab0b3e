package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.HeaderBlock;
import dev.sluice.stream.AckMode;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * One delivery of a message by a consumer. It is settled once.
 *
 * <p>Thread-safe. The first of {@link #ack}, {@link #nak}, {@link #giveBack}, {@link #term} and a confirmed ack
 * wins; the others return false and send nothing. A delivery that is never settled is redelivered after the
 * consumer's ack wait. Settling never blocks, and does not throw if NATS is unreachable: see {@link
 * PullCounters#unsentAcks()}. For a consumer without acks, settling only changes local state.
 */
public final class Delivery {
    private enum Settlement {
        OPEN,
        CONFIRMING,
        SETTLED
    }

    private static final AtomicReferenceFieldUpdater<Delivery, Settlement> SETTLEMENT =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, Settlement.class, "settlement");

    private final Message message;
    private final AckSubject position;
    private final ConsumerAcks acks;
    private volatile Settlement settlement = Settlement.OPEN;

    Delivery(Message message, AckSubject position, ConsumerAcks acks) {
        this.message = message;
        this.position = position;
        this.acks = acks;
    }

    public String subject() {
        return message.getSubject();
    }

    /** Returns the payload exactly as published. The array is not copied and must not be modified. */
    public byte[] data() {
        return message.getData();
    }

    /** Returns the headers by name, as received; empty if there are none. */
    public Map<String, List<String>> headers() {
        return HeaderBlock.headers(message);
    }

    /** Returns the raw header block if not every client can read it (ADR-4); empty for all other messages. */
    public Optional<byte[]> foreignHeaders() {
        return HeaderBlock.foreign(message);
    }

    public String stream() {
        return position.stream();
    }

    public String consumer() {
        return position.consumer();
    }

    public long streamSequence() {
        return position.streamSequence();
    }

    public long consumerSequence() {
        return position.consumerSequence();
    }

    /** Returns the delivery count of the message, starting at 1. */
    public long delivered() {
        return position.delivered();
    }

    /** Returns the number of messages that the consumer still had to deliver when it sent this one. */
    public long pending() {
        return position.pending();
    }

    /** Returns the time at which the stream stored the message. */
    public Instant timestamp() {
        return Instant.ofEpochSecond(0, position.timestampNanos());
    }

    /** Returns the ack subject, with which another process can settle this delivery. */
    public AckSubject position() {
        return position;
    }

    /**
     * Acknowledges the delivery. With {@link AckMode#ALL} this also settles every message before it: settling those
     * returns false from now on.
     *
     * @return whether this call settled the delivery
     */
    public boolean ack() {
        boolean mine = settle();
        if (mine) {
            acks.ack(position);
        }
        return mine;
    }

    /**
     * Acknowledges the delivery on subscription and completes when the server has confirmed the ack. Together
     * with a message id at publish this is the closest approximation of exactly once. Fails {@code
     * OUTCOME_UNKNOWN} without a reply within {@code timeout}, {@code UNAVAILABLE} or {@code OVERLOADED} if it
     * cannot be sent; the delivery is then open again, as after a cancellation. Fails {@code INVALID} if the
     * delivery is already settled or the consumer takes no acks.
     */
    public Uni<Void> ackConfirmed(Duration timeout) {
        return Uni.createFrom().deferred(() -> {
            if (!expectsAck()) {
                return Uni.createFrom().failure(Failure.INVALID.because("This consumer takes no acks"));
            }
            if (acks.covers(position) || !SETTLEMENT.compareAndSet(this, Settlement.OPEN, Settlement.CONFIRMING)) {
                return Uni.createFrom().failure(Failure.INVALID.because("This delivery is settled already"));
            }
            return acks.confirm(position, timeout)
                    .onItem()
                    .invoke(() -> settlement = Settlement.SETTLED)
                    .onFailure()
                    .invoke(this::reopen)
                    .onCancellation()
                    .invoke(this::reopen);
        });
    }

    private void reopen() {
        SETTLEMENT.compareAndSet(this, Settlement.CONFIRMING, Settlement.OPEN);
    }

    /** Requests immediate redelivery. Returns whether this call settled the delivery. */
    public boolean nak() {
        boolean mine = settle();
        if (mine) {
            acks.nak(position);
        }
        return mine;
    }

    /**
     * Requests immediate redelivery to another subscriber: the nak is sent when the subscription or fetch that received
     * the delivery has ended its pulls, at once if it already has. Otherwise the message would return to them.
     *
     * @return whether this call settled the delivery
     */
    public boolean giveBack() {
        boolean mine = settle();
        if (mine) {
            acks.giveBack(position);
        }
        return mine;
    }

    /** Requests redelivery after {@code delay}. Returns whether this call settled the delivery. */
    public boolean nak(Duration delay) {
        boolean mine = settle();
        if (mine) {
            acks.nak(position, delay);
        }
        return mine;
    }

    /**
     * Terminates the message: it is never redelivered. The reason is not sent to servers before 2.10.4.
     *
     * @param reason reason for the operator; control characters become spaces, truncated to 256 characters
     * @return whether this call settled the delivery
     */
    public boolean term(String reason) {
        boolean mine = settle();
        if (mine) {
            acks.term(position, reason);
        }
        return mine;
    }

    /** Restarts the ack wait. May be called repeatedly; returns false once the delivery is settled. */
    public boolean inProgress() {
        boolean open = !settled();
        if (open) {
            acks.progress(position);
        }
        return open;
    }

    public boolean settled() {
        return settlement == Settlement.SETTLED || acks.covers(position);
    }

    private boolean settle() {
        return !acks.covers(position) && SETTLEMENT.compareAndSet(this, Settlement.OPEN, Settlement.SETTLED);
    }

    /** Returns whether the consumer expects this delivery to be settled. */
    public boolean expectsAck() {
        return acks.mode() != AckMode.NONE;
    }

    /** Returns the size in bytes, as the server counts it against the byte limit of a pull. */
    long wireSize() {
        return message.consumeByteCount();
    }

    @Override
    public String toString() {
        return "delivery " + delivered() + " of " + stream() + "/" + streamSequence() + ", " + settlement;
    }
}
