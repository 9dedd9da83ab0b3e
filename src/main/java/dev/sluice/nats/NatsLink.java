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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One supervised connection to NATS. It connects in the background as long as the reconnect policy allows, and replaces
 * a jnats connection that was closed permanently. Its users only see the states up and down.
 *
 * <p>All state changes and all listener calls happen on the link's single event thread.
 */
public final class NatsLink {
    /** The default {@code max_payload} of nats-server, used until a server has reported its value. */
    private static final long USUAL_MAX_PAYLOAD = 1 << 20;

    /** Time after which an inbox without a message is not there, if the server has refused a subscription. */
    private static final Duration TIME_TO_CONFIRM = Duration.ofSeconds(1);

    private static final Duration BETWEEN_TRIES_OF_INBOXES = Duration.ofSeconds(15);
    private static final String INBOX = "_INBOX.";
    /** Minimum interval between renewals, so that repeated unreadable data does not cause constant reconnects. */
    static final Duration BETWEEN_RENEWALS = Duration.ofMillis(250);

    private final String name;
    private final LinkOptions options;
    private final ConnectionEvents events;
    private final LinkThreads threads;
    private final DeniedSubjects denied;
    private final PendingRequests requests;
    private final LinkListeners listeners = new LinkListeners();
    private final AtomicInteger reconnects = new AtomicInteger();
    private int refusals;
    private volatile long maxPayload = USUAL_MAX_PAYLOAD;
    private volatile @Nullable Connection usable;
    private volatile @Nullable LinkSession session;
    private volatile @Nullable ReplyInbox inbox;
    private volatile boolean over;
    private volatile @Nullable SluiceException unanswered;
    private long lastRenewal = System.nanoTime() - BETWEEN_RENEWALS.toNanos();

    private NatsLink(String name, LinkOptions options, ConnectionEvents events) {
        this.name = name;
        this.options = options;
        this.events = events;
        this.threads = new LinkThreads(name);
        this.requests = new PendingRequests(threads.events());
        this.denied = new DeniedSubjects(
                options.config().deniedSubjects(), options.config().deniedFor());
    }

    /** Opens a link that connects in the background. Does not wait for the connection. */
    static NatsLink open(String name, LinkOptions options, ConnectionEvents events) {
        NatsLink link = new NatsLink(name, options, events);
        events.awaiting(name);
        link.threads.run(link::connect);
        link.threads.repeat(options.checkInterval(), link::check);
        return link;
    }

    /** Returns the role of this link. It is part of the connection's name on the server. */
    public String name() {
        return name;
    }

    /**
     * Returns the connection. Fails with {@code UNAVAILABLE} while NATS is unreachable, so that no message waits
     * unnoticed in a buffer.
     */
    public Connection connection() {
        Connection now = usable;
        if (now == null || now.getStatus() != Connection.Status.CONNECTED) {
            throw Failure.UNAVAILABLE.because("NATS cannot be reached");
        }
        return now;
    }

    /** Returns whether NATS is reachable now. Never blocks. */
    public boolean up() {
        Connection now = usable;
        return now != null && now.getStatus() == Connection.Status.CONNECTED;
    }

    /**
     * Returns the maximum size of a message, headers plus payload in bytes, that the server accepts. It may change with
     * each connection. The last known value while NATS is unreachable; 1 MiB before the first connection. Never blocks.
     */
    public long maxPayload() {
        Connection now = usable;
        return now == null ? maxPayload : now.getMaxPayload();
    }

    /**
     * Sends a request on {@code connection}, which must belong to this link, and returns the first reply. Fails with
     * {@code FORBIDDEN} as soon as the server reports that Sluice's own user may not publish to {@code subject}; with a
     * {@link JetStreamStatusException} if the subject has no responder; with a {@link TimeoutException} without a reply
     * in time, or if the connection is closed.
     *
     * @throws SluiceException that of {@link #unanswered}, if there is one
     * @throws IllegalStateException if the connection is closed or its buffer is full
     */
    public CompletableFuture<Message> request(
            Connection connection, String subject, @Nullable Headers headers, byte[] body, Duration timeout) {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        ask(
                connection,
                new FirstReply(subject, reply),
                timeout,
                replyTo -> connection.publish(subject, replyTo, headers, body));
        return reply;
    }

    /** As {@link #request(Connection, String, Headers, byte[], Duration)}, for any number of replies. */
    public void request(Connection connection, PendingRequest request, byte[] body, Duration timeout) {
        ask(connection, request, timeout, replyTo -> connection.publish(request.subject(), replyTo, body));
    }

    /** @param sending sends the request with the given reply subject; its exceptions are rethrown */
    void ask(Connection connection, PendingRequest request, Duration timeout, Consumer<String> sending) {
        SluiceException refusal = unanswered;
        if (refusal != null) {
            throw refusal;
        }
        ReplyInbox replies = inbox(connection);
        requests.ask(request, timeout, number -> sending.accept(replies.replyTo(number)));
    }

    private ReplyInbox inbox(Connection connection) {
        ReplyInbox opened = inbox;
        return opened != null && opened.connection() == connection ? opened : openInbox(connection);
    }

    /** Opens the inbox of a connection with its first request. It ends with its connection. */
    private synchronized ReplyInbox openInbox(Connection connection) {
        ReplyInbox opened = inbox;
        if (opened == null || opened.connection() != connection) {
            opened = ReplyInbox.open(connection, requests);
            inbox = opened;
        }
        return opened;
    }

    /**
     * Returns the failure of every request while the server refuses Sluice's own user the subscription to its inboxes, so
     * that no reply can arrive: {@code FORBIDDEN} without the permission, {@code LIMIT_REACHED} beyond a limit. Empty if it
     * does not. Never blocks.
     */
    public Optional<SluiceException> unanswered() {
        return Optional.ofNullable(unanswered);
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
                withoutAnswers(
                        Failure.LIMIT_REACHED,
                        "The limit on subscriptions of Sluice's own user or its account is reached at the NATS server, also for"
                                + " its inboxes");
            } else {
                tooManySubscriptions(inbox);
            }
        });
    }

    /** Same as {@link #request(Connection, String, Headers, byte[], Duration)}, without headers. */
    public CompletableFuture<Message> request(Connection connection, String subject, byte[] body, Duration timeout) {
        return request(connection, subject, null, body, timeout);
    }

    /** Returns the subjects to which the server denies publishing on this link. */
    public DeniedSubjects denied() {
        return denied;
    }

    /** Returns the number of registered listeners, on the link's event thread. */
    CompletionStage<Integer> listening() {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        threads.run(() -> count.complete(listeners.count()));
        return count;
    }

    /**
     * Registers {@code listener}. It is notified of the current state, also if that is down, and of every later change
     * until the returned handle is run. An exception of the listener is logged; the listener stays registered.
     */
    public Runnable listen(LinkListener listener) {
        threads.run(() -> {
            Connection now = usable;
            listeners.add(listener, now == null ? LinkListener::down : told -> told.up(now));
        });
        return () -> threads.run(() -> listeners.remove(listener));
    }

    /**
     * Closes the link permanently. Its subscriptions receive the messages already in flight, published messages are
     * written out, then the connection is closed. In-flight acks are lost, so their owner waits for them first.
     *
     * @return a stage that completes within about {@code timeout}: whether the drain was complete in time
     */
    public CompletionStage<Boolean> drain(Duration timeout) {
        over = true;
        CompletableFuture<Boolean> drained = new CompletableFuture<>();
        threads.run(() -> {
            LinkSession last = session;
            if (last == null) {
                drained.complete(true);
            } else {
                last.drain(timeout, drained);
            }
        });
        return drained;
    }

    /** Starts a session. Called on the event thread, as all methods below unless noted otherwise. */
    private void connect() {
        if (!over) {
            LinkSession next = new LinkSession(this, options);
            session = next;
            next.connect();
        }
    }

    /** Checks the server of the current session. Returns whether to check again. */
    private boolean check() {
        LinkSession watched = session;
        if (watched != null) {
            watched.check();
        }
        return watched != null || !over;
    }

    LinkThreads threads() {
        return threads;
    }

    ConnectionEvents events() {
        return events;
    }

    /** Callable from any thread. */
    boolean over() {
        return over;
    }

    /** Returns whether the next round through the servers is allowed. Called on the connecting thread. */
    boolean permitsReconnect() {
        int failed = reconnects.getAndIncrement();
        if (options.permitsAnother(failed)) {
            return true;
        }
        if (!over) {
            over = true;
            events.gaveUp(failed);
        }
        return false;
    }

    void nowUp(Connection connection, String server, ConnectionEvent how) {
        refusals = 0;
        reconnects.set(0);
        maxPayload = connection.getMaxPayload();
        usable = connection;
        denied.clear();
        unanswered = null;
        ReplyInbox opened = inbox;
        if (opened != null && opened.connection() == connection) {
            opened.announce();
        }
        events.happened(how);
        events.up(name, server);
        listeners.tell(listener -> listener.up(connection));
    }

    void nowDown(String reason) {
        if (usable == null) {
            events.attemptFailed(name, reason);
        } else {
            events.lost(name, reason);
            letGo();
        }
    }

    /**
     * Handles an error that the server reports.
     *
     * @return whether the server refuses the connection; every error during a connection attempt counts as a refusal
     */
    boolean serverSaid(String error) {
        if (usable == null) {
            events.refused(name, error);
            return true;
        }
        Optional<DeniedPublish> publish = DeniedPublish.read(error);
        Optional<DeniedSubscription> subscription = DeniedSubscription.read(error);
        boolean denial = publish.isPresent() || subscription.isPresent();
        events.report(denial ? ConnectionEvent.DENIED : ConnectionEvent.ERROR, "NATS reports: " + error);
        publish.map(DeniedPublish::subject).ifPresent(subject -> {
            denied.add(subject);
            requests.denied(subject);
            listeners.tell(listener -> listener.denied(subject));
        });
        if (subscription.filter(word -> word.subject().startsWith(INBOX)).isPresent()) {
            withoutAnswers(
                    Failure.FORBIDDEN, "The NATS server does not permit Sluice's own user to subscribe to its inboxes");
        }
        subscription.ifPresent(word -> listeners.tell(listener -> listener.subscriptionDenied(word)));
        if (DeniedSubscription.tooMany(error)) {
            tooManySubscriptions(() -> inbox);
            listeners.tell(LinkListener::tooManySubscriptions);
        }
        return false;
    }

    /**
     * Fails the waiting requests and renews the connection after a delay. The server does not restore a refused
     * subscription when the permission is granted or there is room; a new connection sends all subscriptions again.
     */
    private void withoutAnswers(Failure failure, String reason) {
        LinkSession now = session;
        if (unanswered == null && now != null) {
            unanswered = failure.because(reason + "; nothing was sent");
            requests.fail(failure.because(reason + "; no reply can arrive"));
            threads.later(BETWEEN_TRIES_OF_INBOXES, now::renew);
        }
    }

    /** Counts a failed attempt whose reason was already reported through {@link #serverSaid}. */
    void nowRefused() {
        events.happened(ConnectionEvent.ATTEMPT_FAILED);
    }

    /** Same as {@link #nowDown}, called before jnats detects the loss. */
    void peerGone(String reason) {
        events.happened(ConnectionEvent.PEER_GONE);
        nowDown(reason);
    }

    /** Marks the link as down without counting or logging it. Called directly if Sluice itself disconnects. */
    void letGo() {
        if (usable != null) {
            usable = null;
            requests.disconnected();
            listeners.tell(LinkListener::down);
        }
    }

    void ended(String reason) {
        events.happened(ConnectionEvent.CLOSED);
        session = null;
        if (usable != null && over) {
            letGo();
        } else if (usable != null) {
            nowDown(reason);
        }
        requests.closed();
        if (!over) {
            refusals++;
            threads.later(options.pauseAfterRefusal(refusals), this::connect);
        }
    }

    void lameDuck(LinkSession session, String server, boolean elsewhere) {
        events.report(
                ConnectionEvent.LAME_DUCK,
                "NATS server " + server + " is about to stop"
                        + (elsewhere ? "; moving to another server" : "; no other server is known, staying connected"));
        if (elsewhere) {
            threads.later(LinkOptions.upTo(options.config().lameDuckWait()), session::renew);
        }
    }

    /**
     * Handles a subscription that the server keeps, because it could not be told of its end. A member of a queue group that
     * does not exist any more takes messages away from the others, so the connection is renewed. Callable from any thread.
     */
    void notUnsubscribed(boolean inGroup) {
        threads.run(() -> {
            events.report(
                    ConnectionEvent.NOT_UNSUBSCRIBED,
                    "NATS client: link " + name + " could not end a subscription, its outgoing queue is full"
                            + (inGroup ? "; renewing the connection" : ""));
            LinkSession now = session;
            if (inGroup && now != null) {
                renewSoon(now);
            }
        });
    }

    void readerFailed(LinkSession session, Throwable cause) {
        events.report(
                ConnectionEvent.READER_FAILED,
                "Data from NATS could not be read (" + cause + "); renewing the connection");
        renewSoon(session);
    }

    /** Renews the connection, at once if the last renewal is long enough ago. Does nothing if a renewal is due already. */
    private void renewSoon(LinkSession session) {
        long now = System.nanoTime();
        long next = Math.max(now, lastRenewal + BETWEEN_RENEWALS.toNanos());
        if (lastRenewal - now <= 0) {
            lastRenewal = next;
            threads.later(Duration.ofNanos(next - now), session::renew);
        }
    }
}
