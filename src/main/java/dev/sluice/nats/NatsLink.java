package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import io.nats.client.api.ServerInfo;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One supervised connection to NATS. It connects in the background as long as the reconnect policy allows, and replaces
 * a jnats connection that was closed permanently. Its users only see the states up and down.
 *
 * <p>All state changes and all listener calls happen on the link's single event thread. Its {@link LinkSession} calls it
 * there, unless noted otherwise.
 */
public final class NatsLink {
    /** The default {@code max_payload} of nats-server, used until a server has reported its value. */
    private static final long DEFAULT_MAX_PAYLOAD = 1 << 20;

    /** Before this version, the leader of a replicated stream compares sequences without the writes in flight. */
    private static final String COMPARES_SINCE = "2.10.0";

    /** Minimum interval between renewals, so that repeated unreadable data does not cause constant reconnects. */
    static final Duration BETWEEN_RENEWALS = Duration.ofMillis(250);

    private final String name;
    private final LinkOptions options;
    private final ConnectionEvents events;
    private final LinkThreads threads;
    private final DeniedSubjects denied;
    private final LinkRequests requests;
    private final LinkListeners listeners = new LinkListeners();
    private final AtomicInteger reconnects = new AtomicInteger();
    private int refusals;
    private volatile long maxPayload = DEFAULT_MAX_PAYLOAD;
    private volatile @Nullable Connection usable;
    private volatile @Nullable LinkSession session;
    private volatile boolean closed;
    private long lastRenewal = System.nanoTime() - BETWEEN_RENEWALS.toNanos();

    private NatsLink(String name, LinkOptions options, ConnectionEvents events) {
        this.name = name;
        this.options = options;
        this.events = events;
        this.threads = new LinkThreads(name);
        this.requests = new LinkRequests(threads, this::renewAfter);
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

    /** Returns the requests of this link. */
    public LinkRequests requests() {
        return requests;
    }

    /** Returns the subjects to which the server denies publishing on this link. */
    public DeniedSubjects denied() {
        return denied;
    }

    /** Returns the number of registered listeners, on the link's event thread. For tests. */
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
            listeners.add(listener, now == null ? LinkListener::down : added -> added.up(now));
        });
        return () -> threads.run(() -> listeners.remove(listener));
    }

    /** Notifies {@code observer} when NATS becomes reachable or unreachable, until the returned handle is run. */
    public Runnable observe(SubscriptionObserver observer) {
        return listen(new LinkListener() {
            @Override
            public void up(Connection connection) {
                observer.active();
            }

            @Override
            public void down() {
                observer.interrupted();
            }
        });
    }

    /** Completes when NATS is reachable. */
    public Uni<Void> reachable() {
        return Uni.createFrom().deferred(() -> {
            CompletableFuture<Void> up = new CompletableFuture<>();
            Runnable stopListening = listen(new LinkListener() {
                @Override
                public void up(Connection connection) {
                    up.complete(null);
                }

                @Override
                public void down() {}
            });
            return Uni.createFrom().completionStage(up).onTermination().invoke(stopListening);
        });
    }

    /**
     * Closes the link permanently. Its subscriptions receive the messages already in flight, published messages are
     * written out, then the connection is closed. In-flight acks are lost, so their owner waits for them first.
     *
     * @return a stage that completes within about {@code timeout}: whether the drain was complete in time
     */
    public CompletionStage<Boolean> drain(Duration timeout) {
        closed = true;
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

    private void connect() {
        if (!closed) {
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
        return watched != null || !closed;
    }

    LinkThreads threads() {
        return threads;
    }

    ConnectionEvents events() {
        return events;
    }

    /** Callable from any thread. */
    boolean closed() {
        return closed;
    }

    /** Returns whether the next round through the servers is allowed. Called on the connecting thread. */
    boolean permitsReconnect() {
        int failed = reconnects.getAndIncrement();
        if (options.permitsAnother(failed)) {
            return true;
        }
        if (!closed) {
            closed = true;
            events.gaveUp(failed);
        }
        return false;
    }

    void connected(Connection connection, String server, ConnectionEvent how) {
        refusals = 0;
        reconnects.set(0);
        maxPayload = connection.getMaxPayload();
        if (acceptsConcurrentUpdates(connection.getServerInfo())) {
            events.warn(
                    "A cluster of nats-server before " + COMPARES_SINCE + " can accept several conditional writes over"
                            + " the same revision of a replicated stream or bucket: use a newer version");
        }
        usable = connection;
        denied.clear();
        requests.connected(connection);
        events.happened(how);
        events.up(name, server);
        listeners.tell(listener -> listener.up(connection));
    }

    private static boolean acceptsConcurrentUpdates(ServerInfo server) {
        return server.getCluster() != null && server.isOlderThanVersion(COMPARES_SINCE);
    }

    void disconnected(String reason) {
        if (usable == null) {
            events.attemptFailed(name, reason);
        } else {
            events.lost(name, reason);
            markDown();
        }
    }

    /**
     * Handles an error that the server reports.
     *
     * @return whether the server refuses the connection; every error during a connection attempt counts as a refusal
     */
    boolean serverError(String error) {
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
        subscription.ifPresent(refused -> {
            requests.subscriptionDenied(refused);
            listeners.tell(listener -> listener.subscriptionDenied(refused));
        });
        if (DeniedSubscription.tooMany(error)) {
            requests.tooManySubscriptions();
            listeners.tell(LinkListener::tooManySubscriptions);
        }
        return false;
    }

    /** Counts a failed attempt whose reason was already reported through {@link #serverError}. */
    void attemptRefused() {
        events.happened(ConnectionEvent.ATTEMPT_FAILED);
    }

    /** Same as {@link #disconnected}, called before jnats detects the loss. */
    void peerGone(String reason) {
        events.happened(ConnectionEvent.PEER_GONE);
        disconnected(reason);
    }

    /** Marks the link as down without counting or logging it. Called directly if Sluice itself disconnects. */
    void markDown() {
        if (usable != null) {
            usable = null;
            requests.disconnected();
            listeners.tell(LinkListener::down);
        }
    }

    void ended(String reason) {
        events.happened(ConnectionEvent.CLOSED);
        session = null;
        if (usable != null && closed) {
            markDown();
        } else if (usable != null) {
            disconnected(reason);
        }
        requests.closed();
        if (!closed) {
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

    private void renewAfter(Duration delay) {
        LinkSession current = session;
        if (current != null) {
            threads.later(delay, current::renew);
        }
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
