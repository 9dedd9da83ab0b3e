package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The way back to one consumer. An ack is fire and forget: during an outage the connection keeps it in its bounded
 * buffer, beyond that it is counted as unsent and the server delivers again, which at-least-once allows.
 *
 * <p>Where an ack stands for all before it, what is acked until the receiver's next turn goes out as one: that of the
 * furthest message. It is the ack, more than the delivery, that a consumer costs the server.
 */
final class ConsumerAcks {
    private final NatsLink link;
    private final AckMode mode;
    private final PullCounters counters;
    private final Executor emission;
    private final Executor turns;
    private final AtomicReference<@Nullable AckSubject> furthest = new AtomicReference<>();
    private final AtomicReference<@Nullable AckSubject> unsent = new AtomicReference<>();
    private volatile Connection connection;

    /**
     * @param emission where confirmations are told, so that nobody runs on a thread of the connection
     * @param turns when acks that stand for others are sent; takes a task at any time, also after the end
     */
    ConsumerAcks(
            NatsLink link,
            AckMode mode,
            PullCounters counters,
            Executor emission,
            Executor turns,
            Connection connection) {
        this.link = link;
        this.mode = mode;
        this.counters = counters;
        this.emission = emission;
        this.turns = turns;
        this.connection = connection;
    }

    AckMode mode() {
        return mode;
    }

    /** Sends by {@code successor} from now on. */
    void through(Connection successor) {
        connection = successor;
    }

    /** Whether an ack of a later message has settled this delivery already; a redelivery after that ack is not. */
    boolean covers(AckSubject position) {
        AckSubject acked = furthest.get();
        return acked != null
                && position.streamSequence() <= acked.streamSequence()
                && position.consumerSequence() <= acked.consumerSequence();
    }

    void ack(AckSubject position) {
        if (mode != AckMode.ALL) {
            send(position, AckType.ack());
            return;
        }
        cover(position);
        if (unsent.getAndAccumulate(position, ConsumerAcks::further) == null) {
            sendInTurn();
        }
    }

    private void sendInTurn() {
        try {
            turns.execute(this::sendFurthest);
        } catch (RejectedExecutionException shutDown) {
            sendFurthest();
        }
    }

    void nak(AckSubject position) {
        send(position, AckType.nak());
    }

    void nak(AckSubject position, Duration delay) {
        send(position, AckType.nak(delay));
    }

    void progress(AckSubject position) {
        send(position, AckType.progress());
    }

    void term(AckSubject position, String reason) {
        send(position, AckType.term(reason));
    }

    /** Acks, and completes when the server says that it has taken it. */
    Uni<Void> confirm(AckSubject position, Duration timeout) {
        return AckType.ack()
                .confirmed(link, connection, position, timeout)
                .invoke(() -> cover(position))
                .emitOn(emission);
    }

    private void cover(AckSubject position) {
        if (mode == AckMode.ALL) {
            furthest.accumulateAndGet(position, ConsumerAcks::further);
        }
    }

    private void sendFurthest() {
        AckSubject position = unsent.getAndSet(null);
        if (position != null) {
            send(position, AckType.ack());
        }
    }

    private void send(AckSubject position, AckType ackType) {
        if (mode == AckMode.NONE) {
            return;
        }
        try {
            ackType.send(connection, position);
        } catch (IllegalStateException closedOrFull) {
            counters.unsentAcks.increment();
        }
    }

    private static AckSubject further(@Nullable AckSubject one, AckSubject other) {
        if (one == null || one.streamSequence() < other.streamSequence()) {
            return other;
        }
        boolean redelivered =
                one.streamSequence() == other.streamSequence() && one.consumerSequence() < other.consumerSequence();
        return redelivered ? other : one;
    }
}
