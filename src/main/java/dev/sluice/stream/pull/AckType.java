package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.nats.NatsLink;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** An ack, nak, progress or term message for a delivery (ADR-15, and the ack protocol in nats-server's consumer.go). */
public final class AckType {
    private static final AckType ACK = new AckType("+ACK");
    private static final AckType NAK = new AckType("-NAK");
    private static final AckType PROGRESS = new AckType("+WPI");
    private static final AckType TERM = new AckType("+TERM");
    private static final String TERM_REASON_SINCE = "2.10.4";
    private static final int MAX_REASON_LENGTH = 256;

    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofMillis(250));
    /** Minimum timeout of the reply to one of several attempts. */
    private static final Duration MIN_REPLY_TIMEOUT = Duration.ofMillis(100);

    private final byte[] body;
    private final boolean reasoned;

    private AckType(String text) {
        body = text.getBytes(StandardCharsets.UTF_8);
        reasoned = text.startsWith("+TERM ");
    }

    /** The message is processed. */
    public static AckType ack() {
        return ACK;
    }

    /** The message is to be redelivered immediately. */
    public static AckType nak() {
        return NAK;
    }

    /** The message is to be redelivered after {@code delay}. */
    public static AckType nak(Duration delay) {
        return delay.isZero() ? NAK : new AckType("-NAK {\"delay\":" + delay.toNanos() + "}");
    }

    /** The message is still being processed: the ack wait restarts. */
    public static AckType progress() {
        return PROGRESS;
    }

    /**
     * The message is never to be redelivered.
     *
     * @param reason reason for the operator, may be blank; control characters become spaces, truncated to 256
     *     characters
     */
    public static AckType term(String reason) {
        String line = reason.length() > MAX_REASON_LENGTH ? reason.substring(0, MAX_REASON_LENGTH) : reason;
        return line.isBlank() ? TERM : new AckType("+TERM " + line.replaceAll("\\p{Cntrl}", " "));
    }

    /** @throws IllegalStateException if the connection is closed or its buffer is full */
    void send(Connection connection, AckSubject position) {
        connection.publish(position.toString(), body(connection));
    }

    /**
     * Sends the ack on subscription and completes, on a thread of the connection or of a timer, when the server
     * confirms that it has read it. The ack is repeated while it has no responder, as between two leaders of the consumer:
     * no server has taken it then. Fails {@code OUTCOME_UNKNOWN} without a reply within {@code timeout}, {@code
     * UNAVAILABLE} without a responder for so long, {@code OVERLOADED} if the connection is closed or its buffer is full,
     * {@code FORBIDDEN} if the server does not permit Sluice's own user to ack.
     */
    Uni<Void> confirmed(NatsLink link, Connection connection, AckSubject position, Duration timeout) {
        return Uni.createFrom().deferred(() -> {
            long end = System.nanoTime() + timeout.toNanos();
            Duration least = timeout.compareTo(MIN_REPLY_TIMEOUT) < 0 ? timeout : MIN_REPLY_TIMEOUT;
            Uni<Message> attempt =
                    Uni.createFrom().completionStage(() -> request(link, connection, position, until(end, least)));
            return PAUSES.retry(attempt, JetStreamStatusException.class::isInstance, timeout)
                    .map(AckType::confirmation)
                    .onFailure()
                    .transform(AckType::failure)
                    .replaceWithVoid();
        });
    }

    private CompletableFuture<Message> request(
            NatsLink link, Connection connection, AckSubject position, Duration timeout) {
        try {
            return link.requests().send(connection, position.toString(), body(connection), timeout);
        } catch (IllegalStateException unsendable) {
            return CompletableFuture.failedFuture(notTaken(unsendable));
        }
    }

    private static Duration until(long end, Duration least) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        return left.compareTo(least) < 0 ? least : left;
    }

    /** Omits the reason for servers before 2.10.4, which would ignore a term that has one. */
    private byte[] body(Connection connection) {
        boolean understood = !reasoned || connection.getServerInfo().isSameOrNewerThanVersion(TERM_REASON_SINCE);
        return understood ? body : TERM.body;
    }

    /** Returns the failure of an ack that the connection did not take: it is closed or its buffer is full. */
    static SluiceException notTaken(IllegalStateException closedOrFull) {
        return Failure.OVERLOADED.because("The connection to NATS takes no more acks now", closedOrFull);
    }

    private static Message confirmation(Message reply) {
        if (reply.isStatusMessage()) {
            throw Failure.UNAVAILABLE.because("The ack was not confirmed: the consumer is unavailable or was deleted");
        }
        return reply;
    }

    private static Throwable failure(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof TimeoutException) {
            return Failure.OUTCOME_UNKNOWN.because("The server did not confirm the ack in time", cause);
        }
        return cause instanceof SluiceException
                ? cause
                : Failure.UNAVAILABLE.because("The ack was not confirmed", cause);
    }
}
