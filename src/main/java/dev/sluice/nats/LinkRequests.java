package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one link, and the inbox for their replies. All requests share one subscription, which is made with the
 * first request on a connection.
 *
 * <p>The server may refuse that subscription. Then no reply can arrive, so every request fails at once until a new
 * connection has the subscription.
 *
 * <p>Requests may be sent on any thread, and do not block. The link reports its events on its event thread.
 */
public final class LinkRequests {
    /** Time after which an inbox without a message is not there, if the server has refused a subscription. */
    private static final Duration TIME_TO_CONFIRM = Duration.ofSeconds(1);

    /** Time after which another connection is tried if the server has refused an inbox. */
    private static final Duration RENEWAL_DELAY = Duration.ofSeconds(15);

    private final LinkThreads threads;
    private final Consumer<Duration> renewal;
    private final PendingRequests pending;
    /** The connection that is up. Confined to the event thread. */
    private @Nullable Connection usable;

    private volatile @Nullable ReplyInbox inbox;
    private volatile @Nullable SluiceException inboxRefusal;

    /** @param renewal renews the current connection of the link after a delay */
    LinkRequests(LinkThreads threads, Consumer<Duration> renewal) {
        this.threads = threads;
        this.renewal = renewal;
        this.pending = new PendingRequests(threads.events());
    }

    /**
     * Sends a request on {@code connection}, which must belong to this link, and returns the first reply. Fails with
     * {@code FORBIDDEN} as soon as the server reports that Sluice's own user may not publish to {@code subject}; with a
     * {@link JetStreamStatusException} if the subject has no responder; with a {@link TimeoutException} without a reply
     * in time, or if the connection is closed.
     *
     * @throws SluiceException that of {@link #inboxRefusal}, if there is one
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    public CompletableFuture<Message> send(
            Connection connection, String subject, @Nullable Headers headers, byte[] body, Duration timeout) {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        send(
                connection,
                new FutureReply(subject, reply),
                timeout,
                replyTo -> connection.publish(subject, replyTo, headers, body));
        return reply;
    }

    /** As {@link #send(Connection, String, Headers, byte[], Duration)}, without headers. */
    public CompletableFuture<Message> send(Connection connection, String subject, byte[] body, Duration timeout) {
        return send(connection, subject, null, body, timeout);
    }

    /** As {@link #send(Connection, String, Headers, byte[], Duration)}, for any number of replies. */
    public void send(Connection connection, PendingRequest request, byte[] body, Duration timeout) {
        send(connection, request, timeout, replyTo -> connection.publish(request.subject(), replyTo, body));
    }

    /** @param sending sends the request with the given reply subject; its exceptions are rethrown */
    void send(Connection connection, PendingRequest request, Duration timeout, Consumer<String> sending) {
        SluiceException refusal = inboxRefusal;
        if (refusal != null) {
            throw refusal;
        }
        ReplyInbox replies = inbox(connection);
        pending.send(request, timeout, number -> sending.accept(replies.replyTo(number)));
    }

    private ReplyInbox inbox(Connection connection) {
        ReplyInbox opened = inbox;
        return opened != null && opened.connection() == connection ? opened : openInbox(connection);
    }

    /** Opens the inbox of a connection with its first request. It ends with its connection. */
    private synchronized ReplyInbox openInbox(Connection connection) {
        ReplyInbox opened = inbox;
        if (opened == null || opened.connection() != connection) {
            opened = ReplyInbox.open(connection, pending);
            inbox = opened;
        }
        return opened;
    }

    /**
     * Returns the failure of every request while the server refuses Sluice's own user the subscription to its inboxes, so
     * that no reply can arrive: {@code FORBIDDEN} without the permission, {@code LIMIT_REACHED} beyond a limit. Empty if it
     * does not. Never blocks.
     */
    public Optional<SluiceException> inboxRefusal() {
        return Optional.ofNullable(inboxRefusal);
    }

    /**
     * Handles that the server may have refused an inbox of this link. The error names no subscription, so the inbox is
     * refused only if it remains unconfirmed. Called on the event thread.
     *
     * @param inbox returns the inbox then; null if there is none
     */
    public void tooManySubscriptions(Supplier<@Nullable ReplyInbox> inbox) {
        threads.later(TIME_TO_CONFIRM, () -> {
            ReplyInbox opened = inbox.get();
            if (opened == null || opened.connection() != usable || opened.confirmed()) {
                return;
            }
            if (opened.announcedFor(TIME_TO_CONFIRM)) {
                refuse(
                        Failure.LIMIT_REACHED,
                        "The limit on subscriptions of Sluice's own user or its account is reached at the NATS server, also for"
                                + " its inboxes");
            } else {
                tooManySubscriptions(inbox);
            }
        });
    }

    void tooManySubscriptions() {
        tooManySubscriptions(() -> inbox);
    }

    void subscriptionDenied(DeniedSubscription denial) {
        if (denial.subject().startsWith(Subject.INBOX)) {
            refuse(Failure.FORBIDDEN, "The NATS server does not permit Sluice's own user to subscribe to its inboxes");
        }
    }

    void denied(String subject) {
        pending.denied(subject);
    }

    void connected(Connection connection) {
        usable = connection;
        inboxRefusal = null;
        ReplyInbox opened = inbox;
        if (opened != null && opened.connection() == connection) {
            opened.announce();
        }
    }

    /** The connection is lost. Replies may still arrive when it is established again. */
    void disconnected() {
        usable = null;
        pending.disconnected();
    }

    /** The connection was closed permanently. */
    void closed() {
        pending.closed();
    }

    /**
     * Fails the waiting requests and renews the connection after a delay. The server does not restore a refused
     * subscription when the permission is granted or there is room; a new connection sends all subscriptions again.
     */
    private void refuse(Failure failure, String reason) {
        if (inboxRefusal == null) {
            inboxRefusal = failure.because(reason + "; nothing was sent");
            pending.fail(failure.because(reason + "; no reply can arrive"));
            renewal.accept(RENEWAL_DELAY);
        }
    }
}
