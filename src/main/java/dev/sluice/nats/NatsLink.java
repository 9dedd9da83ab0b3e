package dev.sluice.nats;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One supervised connection to NATS. It connects in the background, for as long as the reconnect policy allows, and
 * replaces a jnats connection that has closed for good by a new one; so its users see only up and down.
 *
 * <p>All changes of state, and all calls of listeners, are made on the link's one event thread.
 */
public final class NatsLink {
    /** What nats-server allows unless told otherwise: our answer until a server has told. */
    private static final long USUAL_MAX_PAYLOAD = 1 << 20;

    private static final Duration BETWEEN_TRIES_OF_INBOXES = Duration.ofSeconds(15);
    private static final String INBOX = "_INBOX.";
    /** Keeps what cannot be read and comes again and again from making us reconnect all the time. */
    static final Duration BETWEEN_RENEWALS = Duration.ofMillis(250);

    private final String name;
    private final LinkOptions options;
    private final ConnectionEvents events;
    private final LinkThreads threads;
    private final DeniedSubjects denied;
    private final PendingRequests asked = new PendingRequests();
    private final LinkListeners listeners = new LinkListeners();
    private final AtomicInteger reconnects = new AtomicInteger();
    private int refusals;
    private volatile long maxPayload = USUAL_MAX_PAYLOAD;
    private volatile @Nullable Connection usable;
    private volatile @Nullable LinkSession session;
    private volatile boolean over;
    private volatile boolean unanswered;
    private long lastRenewal = System.nanoTime() - BETWEEN_RENEWALS.toNanos();

    private NatsLink(String name, LinkOptions options, ConnectionEvents events) {
        this.name = name;
        this.options = options;
        this.events = events;
        this.threads = new LinkThreads(name);
        this.denied = new DeniedSubjects(
                options.config().deniedSubjects(), options.config().deniedFor());
    }

    /** A link that begins to connect at once, without waiting for it. */
    static NatsLink open(String name, LinkOptions options, ConnectionEvents events) {
        NatsLink link = new NatsLink(name, options, events);
        events.awaiting(name);
        link.threads.run(link::connect);
        link.threads.repeat(options.lookInterval(), link::look);
        return link;
    }

    /** What this link is for: part of the connection's name on the server. */
    public String name() {
        return name;
    }

    /** The connection, if NATS can be reached now; else fails {@code UNAVAILABLE}, so that nothing hides in a buffer. */
    public Connection connection() {
        Connection now = usable;
        if (now == null || now.getStatus() != Connection.Status.CONNECTED) {
            throw Failure.UNAVAILABLE.because("NATS cannot be reached");
        }
        return now;
    }

    /** Whether NATS can be reached now. Never blocks. */
    public boolean up() {
        Connection now = usable;
        return now != null && now.getStatus() == Connection.Status.CONNECTED;
    }

    /**
     * The largest message, in bytes of headers and payload, that the server accepts; it may change with each connection.
     * The last known value while NATS is away; 1 MiB before a server has told. Never blocks.
     */
    public long maxPayload() {
        Connection now = usable;
        return now == null ? maxPayload : now.getMaxPayload();
    }

    /**
     * Asks over {@code connection}, which is one of this link, and takes the first reply. Fails {@code FORBIDDEN} as soon
     * as the server says that our own user may not publish to {@code subject}, else as jnats has it.
     *
     * @throws IllegalStateException if the connection is closed or its buffer full
     */
    public CompletableFuture<Message> request(
            Connection connection, String subject, @Nullable Headers headers, byte[] body, Duration timeout) {
        if (unanswered) {
            return CompletableFuture.failedFuture(noAnswers());
        }
        return asked.ask(subject, () -> connection.requestWithTimeout(subject, headers, body, timeout));
    }

    /** Whether the server does not let our own user subscribe to its inboxes, so that no answer comes. Never blocks. */
    public boolean unanswered() {
        return unanswered;
    }

    /** What to say to whoever waits for an answer while {@link #unanswered}. */
    public static SluiceException noAnswers() {
        return Failure.FORBIDDEN.because(
                "The NATS server does not permit Sluice's own user to subscribe to its inboxes; nothing was sent");
    }

    /** As {@link #request(Connection, String, Headers, byte[], Duration)}, without headers. */
    public CompletableFuture<Message> request(Connection connection, String subject, byte[] body, Duration timeout) {
        return request(connection, subject, null, body, timeout);
    }

    /** What the server does not let us publish to on this link. */
    public DeniedSubjects denied() {
        return denied;
    }

    /**
     * Tells {@code listener} the present state, also if that is down, and every change after it, until the returned
     * handle is run. A listener that throws is logged and told on.
     */
    public Runnable listen(LinkListener listener) {
        threads.run(() -> {
            Connection now = usable;
            listeners.add(listener, now == null ? LinkListener::down : told -> told.up(now));
        });
        return () -> threads.run(() -> listeners.remove(listener));
    }

    /**
     * Ends the link for good: its subscriptions get what is already under way, what was published is written out, then
     * the connection is closed. In-flight acknowledgements are lost, so their owner waits for them first.
     *
     * @return completes within about {@code timeout}: whether everything was handed over in time
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

    /** Called on the event thread, as everything below, unless it says otherwise. */
    private void connect() {
        if (!over) {
            LinkSession next = new LinkSession(this, options);
            session = next;
            next.connect();
        }
    }

    /** Whether to look again. */
    private boolean look() {
        LinkSession watched = session;
        if (watched != null) {
            watched.look();
        }
        return watched != null || !over;
    }

    LinkThreads threads() {
        return threads;
    }

    ConnectionEvents events() {
        return events;
    }

    /** Any thread. */
    boolean over() {
        return over;
    }

    /** Whether the next round through the servers is allowed. Called by the connecting thread. */
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
        unanswered = false;
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
     * Reports an error of the server.
     *
     * @return whether it refuses us: that is what a server says while we connect
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
            asked.denied(subject);
            listeners.tell(listener -> listener.denied(subject));
        });
        if (subscription.filter(word -> word.subject().startsWith(INBOX)).isPresent()) {
            withoutAnswers();
        }
        subscription.ifPresent(word -> listeners.tell(listener -> listener.subscriptionDenied(word)));
        if (DeniedSubscription.tooMany(error)) {
            listeners.tell(LinkListener::tooManySubscriptions);
        }
        return false;
    }

    /** No subscription is made anew when the permission is given; a new connection makes all of them. */
    private void withoutAnswers() {
        LinkSession now = session;
        if (!unanswered && now != null) {
            unanswered = true;
            asked.fail(noAnswers());
            threads.later(BETWEEN_TRIES_OF_INBOXES, now::renew);
        }
    }

    /** An attempt failed, and {@link #serverSaid} told why. */
    void nowRefused() {
        events.happened(ConnectionEvent.ATTEMPT_FAILED);
    }

    /** As {@link #nowDown}, before jnats has noticed. */
    void peerGone(String reason) {
        events.happened(ConnectionEvent.PEER_GONE);
        nowDown(reason);
    }

    /** As {@link #nowDown}, by our own doing, which is no news. */
    void letGo() {
        if (usable != null) {
            usable = null;
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
        if (!over) {
            refusals++;
            threads.later(options.pauseAfterRefusal(refusals), this::connect);
        }
    }

    void lameDuck(LinkSession session, String server, boolean elsewhere) {
        events.report(
                ConnectionEvent.LAME_DUCK,
                "NATS server " + server + " is about to stop"
                        + (elsewhere ? "; moving to another" : "; no other server is known, staying until it does"));
        if (elsewhere) {
            threads.later(LinkOptions.upTo(options.config().lameDuckWait()), session::renew);
        }
    }

    void readerFailed(LinkSession session, Throwable cause) {
        events.report(
                ConnectionEvent.READER_FAILED,
                "What NATS sent could not be read (" + cause + "); renewing the connection");
        long now = System.nanoTime();
        long next = Math.max(now, lastRenewal + BETWEEN_RENEWALS.toNanos());
        lastRenewal = next;
        threads.later(Duration.ofNanos(next - now), session::renew);
    }
}
