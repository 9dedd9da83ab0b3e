package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.nats.HeaderBlock;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * One delivery of a message by a consumer, to be settled once.
 *
 * <p>The first of {@link #ack}, {@link #nak}, {@link #term} and a confirmed ack wins, whatever thread it comes from; the
 * others return false and send nothing. A delivery that is never settled is delivered again after the consumer's ack
 * wait. Settling never blocks and never throws because NATS is away: see {@link PullCounters#unsentAcks()}. For a
 * consumer without acks settling is only a note.
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

    /** The payload, exactly as published; not copied, so it is not to be changed. */
    public byte[] data() {
        return message.getData();
    }

    /** Headers by name, as they came; empty if there are none. */
    public Map<String, List<String>> headers() {
        return HeaderBlock.headers(message);
    }

    /** The headers as they came if they are such that not every client can read them (ADR-4); empty for all others. */
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

    /** Which delivery of this message it is, from 1. */
    public long delivered() {
        return position.delivered();
    }

    /** How many messages the consumer still had to deliver after this one, when it sent it. */
    public long pending() {
        return position.pending();
    }

    /** When the stream stored the message. */
    public Instant timestamp() {
        return Instant.ofEpochSecond(0, position.timestampNanos());
    }

    /** What settles this delivery, for whoever hands it to another process. */
    public AckSubject position() {
        return position;
    }

    /**
     * Done. At a consumer that acks all, so is every message before it: settling those returns false from now on.
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
     * Done, and the item comes when the server has confirmed it: together with a message id at publish this is as close
     * to exactly once as it gets. Happens at subscription. Fails {@code OUTCOME_UNKNOWN} without an answer in time,
     * {@code UNAVAILABLE} when NATS is away, and then the delivery is open again; {@code INVALID} when it was settled
     * before or its consumer takes no acks.
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
                    .invoke(() -> settlement = Settlement.OPEN);
        });
    }

    /** Not done: to be delivered again at once. Returns whether this call settled the delivery. */
    public boolean nak() {
        boolean mine = settle();
        if (mine) {
            acks.nak(position);
        }
        return mine;
    }

    /** Not done: to be delivered again after {@code delay}. Returns whether this call settled the delivery. */
    public boolean nak(Duration delay) {
        boolean mine = settle();
        if (mine) {
            acks.nak(position, delay);
        }
        return mine;
    }

    /**
     * Never to be delivered again. Servers before 2.10.4 do not get to know why.
     *
     * @param reason for the operator; control characters become spaces, what exceeds 256 characters is cut
     * @return whether this call settled the delivery
     */
    public boolean term(String reason) {
        boolean mine = settle();
        if (mine) {
            acks.term(position, reason);
        }
        return mine;
    }

    /** Still working: the ack wait begins anew. As often as needed; returns false once the delivery is settled. */
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

    /** Whether the consumer waits for it to be settled. */
    public boolean expectsAck() {
        return acks.mode() != AckMode.NONE;
    }

    /** As the server counts it against a pull's bytes. */
    long wireSize() {
        return message.consumeByteCount();
    }

    @Override
    public String toString() {
        return "delivery " + delivered() + " of " + stream() + "/" + streamSequence() + ", " + settlement;
    }
}
