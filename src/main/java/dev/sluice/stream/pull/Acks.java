package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The way back to one consumer. An ack is fire and forget: during an outage the connection keeps it in its bounded
 * buffer, beyond that it is counted as unsent and the server delivers again, which at-least-once allows.
 */
final class Acks {
    private static final byte[] ACK = ascii("+ACK");
    private static final byte[] NAK = ascii("-NAK");
    private static final byte[] PROGRESS = ascii("+WPI");
    private static final byte[] TERM = ascii("+TERM");
    private static final String TERM_REASON_SINCE = "2.10.4";

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
        send(position, ACK);
    }

    void nak(AckSubject position) {
        send(position, NAK);
    }

    void nak(AckSubject position, Duration delay) {
        send(position, ascii("-NAK {\"delay\":" + delay.toNanos() + "}"));
    }

    void progress(AckSubject position) {
        send(position, PROGRESS);
    }

    /** With {@code reason} where the server takes one (2.10.4 and newer); an older one would ignore the whole. */
    void term(AckSubject position, String reason) {
        boolean takesReason = connection.getServerInfo().isSameOrNewerThanVersion(TERM_REASON_SINCE);
        send(position, takesReason && !reason.isBlank() ? ("+TERM " + reason).getBytes(StandardCharsets.UTF_8) : TERM);
    }

    /** Acks, and completes when the server says that it has taken it. */
    Uni<Void> confirm(AckSubject position, Duration timeout) {
        return Uni.createFrom()
                .completionStage(() -> request(position, timeout))
                .onFailure()
                .transform(Acks::failure)
                .onItem()
                .invoke(() -> coverThrough(position))
                .replaceWithVoid()
                .emitOn(emission);
    }

    private CompletableFuture<Message> request(AckSubject position, Duration timeout) {
        try {
            return connection
                    .requestWithTimeout(position.toString(), ACK, timeout)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .thenApply(Acks::confirmation);
        } catch (IllegalStateException unsendable) {
            return CompletableFuture.failedFuture(unsendable);
        }
    }

    private static Message confirmation(Message reply) {
        if (reply.isStatusMessage()) {
            throw Failure.UNAVAILABLE.because("Nobody took the ack: the consumer is away or was deleted");
        }
        return reply;
    }

    private static Throwable failure(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof TimeoutException) {
            return Failure.OUTCOME_UNKNOWN.because("The server did not confirm the ack in time", cause);
        }
        return cause instanceof dev.sluice.failure.SluiceException
                ? cause
                : Failure.UNAVAILABLE.because("The ack was not confirmed", cause);
    }

    private void coverThrough(AckSubject position) {
        if (mode == AckMode.ALL) {
            ackedThrough.accumulateAndGet(position.streamSequence(), Math::max);
        }
    }

    private void send(AckSubject position, byte @Nullable [] body) {
        if (mode == AckMode.NONE) {
            return;
        }
        try {
            connection.publish(position.toString(), body);
        } catch (IllegalStateException closedOrFull) {
            counters.unsentAcks.increment();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
