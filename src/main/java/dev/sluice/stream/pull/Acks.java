package dev.sluice.stream.pull;

import io.nats.client.Connection;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The way back to one consumer. An ack is fire and forget: during an outage the connection keeps it in its bounded
 * buffer, beyond that it is counted as unsent and the server delivers again, which at-least-once allows.
 */
final class Acks {
    private final AckMode mode;
    private final PullCounters counters;
    private final Executor emission;
    private final AtomicLong ackedThrough = new AtomicLong();
    private volatile Connection connection;

    /** @param emission where confirmations are told, so that nobody runs on a thread of the connection */
    Acks(AckMode mode, PullCounters counters, Executor emission, Connection connection) {
        this.mode = mode;
        this.counters = counters;
        this.emission = emission;
        this.connection = connection;
    }

    AckMode mode() {
        return mode;
    }

    /** Sends by {@code successor} from now on. */
    void through(Connection successor) {
        connection = successor;
    }

    /** Whether an ack of a later message has settled this one already. */
    boolean covers(AckSubject position) {
        return mode == AckMode.ALL && position.streamSequence() <= ackedThrough.get();
    }

    void ack(AckSubject position) {
        coverThrough(position);
        send(position, Verdict.ack());
    }

    void nak(AckSubject position) {
        send(position, Verdict.nak());
    }

    void nak(AckSubject position, Duration delay) {
        send(position, Verdict.nak(delay));
    }

    void progress(AckSubject position) {
        send(position, Verdict.progress());
    }

    void term(AckSubject position, String reason) {
        send(position, Verdict.term(reason));
    }

    /** Acks, and completes when the server says that it has taken it. */
    Uni<Void> confirm(AckSubject position, Duration timeout) {
        return Verdict.ack()
                .confirmed(connection, position, timeout)
                .invoke(() -> coverThrough(position))
                .emitOn(emission);
    }

    private void coverThrough(AckSubject position) {
        if (mode == AckMode.ALL) {
            ackedThrough.accumulateAndGet(position.streamSequence(), Math::max);
        }
    }

    private void send(AckSubject position, Verdict verdict) {
        if (mode == AckMode.NONE) {
            return;
        }
        try {
            verdict.send(connection, position);
        } catch (IllegalStateException closedOrFull) {
            counters.unsentAcks.increment();
        }
    }
}
