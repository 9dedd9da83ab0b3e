package dev.sluice.stream.pull;

import dev.sluice.nats.NatsLink;
import dev.sluice.stream.AckMode;
import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends the acks of one consumer's deliveries. An ack is fire and forget: during an outage the connection keeps it in
 * its bounded buffer. An ack that does not fit is counted as unsent and the server redelivers, as at-least-once allows.
 *
 * <p>With {@link AckMode#ALL} all acks made before the next task on {@code serial} are sent as one, for the furthest
 * message: at the server, an ack costs more than a delivery. Thread-safe.
 */
final class ConsumerAcks {
    private final NatsLink link;
    private final AckMode mode;
    private final PullCounters counters;
    private final Executor emission;
    private final Executor serial;
    private final AtomicReference<@Nullable AckSubject> furthest = new AtomicReference<>();
    private final AtomicReference<@Nullable AckSubject> unsent = new AtomicReference<>();
    private final Queue<AckSubject> returned = new ConcurrentLinkedQueue<>();
    private volatile boolean left;
    private volatile Connection connection;

    /**
     * @param emission executor that signals confirmations, so that no subscriber runs on a thread of the connection
     * @param serial executor that sends cumulative acks; accepts tasks at any time, also after the end of the
     *     subscription
     */
    ConsumerAcks(
            NatsLink link,
            AckMode mode,
            PullCounters counters,
            Executor emission,
            Executor serial,
            Connection connection) {
        this.link = link;
        this.mode = mode;
        this.counters = counters;
        this.emission = emission;
        this.serial = serial;
        this.connection = connection;
    }

    AckMode mode() {
        return mode;
    }

    /** Sends through {@code successor} from now on. */
    void useConnection(Connection successor) {
        connection = successor;
    }

    /**
     * Returns whether a cumulative ack has settled this delivery. A redelivery after the acked delivery is not covered.
     */
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
            scheduleSend();
        }
    }

    private void scheduleSend() {
        try {
            serial.execute(this::sendFurthest);
        } catch (RejectedExecutionException shutDown) {
            sendFurthest();
        }
    }

    void nak(AckSubject position) {
        send(position, AckType.nak());
    }

    /** Sends a nak when the subscription has left; at once if it already has. */
    void giveBack(AckSubject position) {
        returned.add(position);
        if (left) {
            sendReturned();
        }
    }

    /** No open pull is left that could receive a redelivery. */
    void left() {
        left = true;
        sendReturned();
    }

    /** Sends nothing after a nak that the connection did not take: each further one would be waited for. */
    private void sendReturned() {
        boolean taken = true;
        for (AckSubject next = returned.poll(); next != null; next = returned.poll()) {
            if (taken) {
                taken = send(next, AckType.nak());
            } else {
                counters.unsentAcks.increment();
            }
        }
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

    /** Sends an ack and completes, on {@code emission}, when the server confirms it. */
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

    /** Returns whether the connection took the ack. */
    private boolean send(AckSubject position, AckType ackType) {
        if (mode == AckMode.NONE) {
            return true;
        }
        try {
            ackType.send(connection, position);
            return true;
        } catch (IllegalStateException closedOrFull) {
            counters.unsentAcks.increment();
            return false;
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
