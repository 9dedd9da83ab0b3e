package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What becomes of a delivery, as the server reads it (ADR-15, and the ack protocol in nats-server's consumer.go). */
public final class AckType {
    private static final AckType ACK = new AckType("+ACK");
    private static final AckType NAK = new AckType("-NAK");
    private static final AckType PROGRESS = new AckType("+WPI");
    private static final AckType TERM = new AckType("+TERM");
    private static final String TERM_REASON_SINCE = "2.10.4";
    private static final int LONGEST_REASON = 256;

    private final byte[] body;
    private final boolean reasoned;

    private AckType(String text) {
        body = text.getBytes(StandardCharsets.UTF_8);
        reasoned = text.startsWith("+TERM ");
    }

    /** Done. */
    public static AckType ack() {
        return ACK;
    }

    /** To be delivered again at once. */
    public static AckType nak() {
        return NAK;
    }

    /** To be delivered again after {@code delay}. */
    public static AckType nak(Duration delay) {
        return delay.isZero() ? NAK : new AckType("-NAK {\"delay\":" + delay.toNanos() + "}");
    }

    /** Still worked on: the ack wait begins anew. */
    public static AckType progress() {
        return PROGRESS;
    }

    /**
     * Never to be delivered again.
     *
     * @param reason for the operator, may be blank; control characters become spaces, what exceeds 256 characters is cut
     */
    public static AckType term(String reason) {
        String line = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
        return line.isBlank() ? TERM : new AckType("+TERM " + line.replaceAll("\\p{Cntrl}", " "));
    }

    /** @throws IllegalStateException if the connection is closed or its buffer full */
    void send(Connection connection, AckSubject position) {
        connection.publish(position.toString(), body(connection));
    }

    /**
     * Sends it at subscription and completes, on a thread of the connection, when the server says that it has read it.
     * Fails {@code OUTCOME_UNKNOWN} without an answer in time, {@code UNAVAILABLE} where nobody takes it,
     * {@code FORBIDDEN} where the server does not let our own user ack.
     */
    Uni<Void> confirmed(NatsLink link, Connection connection, AckSubject position, Duration timeout) {
        return Uni.createFrom()
                .completionStage(() -> request(link, connection, position, timeout))
                .onFailure()
                .transform(AckType::failure)
                .replaceWithVoid();
    }

    private CompletableFuture<Message> request(
            NatsLink link, Connection connection, AckSubject position, Duration timeout) {
        try {
            return link.request(connection, position.toString(), body(connection), timeout)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .thenApply(AckType::confirmation);
        } catch (IllegalStateException unsendable) {
            return CompletableFuture.failedFuture(unsendable);
        }
    }

    /** Servers before 2.10.4 take no reason, and would ignore the whole with one. */
    private byte[] body(Connection connection) {
        boolean understood = !reasoned || connection.getServerInfo().isSameOrNewerThanVersion(TERM_REASON_SINCE);
        return understood ? body : TERM.body;
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
        return cause instanceof SluiceException
                ? cause
                : Failure.UNAVAILABLE.because("The ack was not confirmed", cause);
    }
}
