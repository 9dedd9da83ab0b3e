package dev.sluice.nats;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One jnats connection, from its first attempt until it is closed permanently. Translates the events of jnats into the
 * few that a {@link NatsLink} needs. jnats calls it on the link's event thread.
 */
final class LinkSession implements ConnectionListener, ErrorListener {

    private final NatsLink link;
    private final LinkOptions options;
    private final ReaderDispatcher readerDispatcher = new ReaderDispatcher();
    private @Nullable Connection connection;
    private String reason = "no answer";
    private boolean refused;
    private boolean renewing;
    private boolean ended;
    private volatile @Nullable LenientDataPort port;
    private @Nullable LenientDataPort watched;
    private boolean abandoned;
    private DeadPeerDetector peer = new DeadPeerDetector();
    private int checks;
    private long pings;
    private volatile boolean pinging;
    private final AtomicLong pongs = new AtomicLong();

    LinkSession(NatsLink link, LinkOptions options) {
        this.link = link;
        this.options = options;
    }

    /** Connects on a separate thread, until the connection succeeds or the session ends. */
    void connect() {
        Options jnats = options.forConnection(link.name())
                .connectionListener(this)
                .errorListener(this)
                .callbackExecutor(link.threads().events())
                .readerExecutor(new ReaderGuard(link.threads().named("reader"), this::readerDied))
                .reconnectDelayHandler(this::pauseBefore)
                .build();
        link.threads().start("first-connect", () -> {
            try {
                Nats.connectReconnectOnConnect(jnats);
            } catch (IOException | RuntimeException | LinkageError e) {
                link.threads().run(() -> {
                    exceptionOccurred(null, new IOException(e));
                    link.disconnected(reason);
                    end();
                });
            }
        });
    }

    /** Drops the socket and reconnects, to another server if there is one. */
    void renew() {
        Connection renewed = connection;
        if (renewed != null && !link.closed() && link.up()) {
            renewing = true;
            link.threads().start("renew", renewed::forceReconnect);
        }
    }

    ReaderDispatcher readerDispatcher() {
        return readerDispatcher;
    }

    /** Called when the headers of a message are wrapped for jnats. Any thread. */
    void foreignHeaders() {
        link.events().happened(ConnectionEvent.FOREIGN_HEADERS);
    }

    /** Called when an attempt has connected its socket to a server. Any thread. */
    void opened(LenientDataPort opened) {
        port = opened;
    }

    /**
     * Checks whether the server is still there. If not, abandons the socket; the reads and writes of jnats then fail
     * and jnats reconnects.
     */
    void check() {
        LenientDataPort now = port;
        if (now == null || now.closed()) {
            return;
        }
        if (watched != now) {
            watched = now;
            peer = new DeadPeerDetector();
        }
        if (peer.gone(now.traffic(pings, pongs.get()))) {
            abandoned = true;
            reason = "the server has sent nothing for too long, does not accept data or does not answer pings";
            Connection lost = connection;
            if (link.up() && lost != null) {
                renewing = true;
                link.peerGone(lost.getConnectedUrl() + ": " + reason);
            }
            now.abandon();
        } else if (++checks % DeadPeerDetector.CHECKS_PER_PING == 0) {
            ping();
        }
    }

    void drain(Duration timeout, CompletableFuture<Boolean> drained) {
        Connection last = connection;
        if (last == null) {
            drained.complete(true);
            return;
        }
        link.threads().start("drain", () -> drained.complete(drainNow(last, timeout)));
    }

    @Override
    @SuppressWarnings("deprecation")
    public void connectionEvent(Connection source, Events event) {
        connectionEvent(source, event, System.currentTimeMillis(), "");
    }

    @Override
    public void connectionEvent(Connection source, Events event, Long time, @Nullable String server) {
        connection = source;
        switch (event) {
            case CONNECTED -> link.connected(source, describe(source), ConnectionEvent.CONNECTED);
            case RESUBSCRIBED -> {
                renewing = false;
                link.connected(source, describe(source), ConnectionEvent.RECONNECTED);
            }
            case DISCONNECTED ->
                disconnected(server == null ? String.join(",", new TreeSet<>(source.getServers())) : server);
            case CLOSED -> end();
            case LAME_DUCK ->
                link.lameDuck(this, describe(source), source.getServers().size() > 1);
            case RECONNECTED, DISCOVERED_SERVERS -> {}
        }
        if (link.closed() && event != Events.CLOSED) {
            link.threads().start("close", source::close);
        }
    }

    @Override
    public void errorOccurred(Connection source, String error) {
        refused = link.serverError(error);
    }

    @Override
    public void exceptionOccurred(@Nullable Connection source, Exception exception) {
        Throwable root = exception;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String kind = root.getClass().getSimpleName();
        reason = abandoned ? reason : root.getMessage() == null ? kind : kind + ": " + root.getMessage();
        if (link.up() && exception instanceof RuntimeException) {
            link.events().report(ConnectionEvent.ERROR, "NATS client: " + reason);
        }
    }

    @Override
    public void slowConsumerDetected(Connection source, Consumer consumer) {
        link.events()
                .report(
                        ConnectionEvent.SLOW_CONSUMER,
                        "NATS client: a queue of link " + link.name() + " is full, its newest messages are dropped");
    }

    @Override
    public void messageDiscarded(Connection source, Message message) {
        link.events()
                .report(ConnectionEvent.DISCARDED, "NATS client: link " + link.name() + " dropped outgoing messages");
    }

    /** Sends a ping also while messages arrive, when jnats sends none. */
    private void ping() {
        Connection asked = connection;
        if (asked != null && link.up() && !pinging) {
            pinging = true;
            pings++;
            link.threads().ping(() -> answer(asked));
        }
    }

    /** Waits for the answer to a new ping, for the time in which the detector expects one. Called on its own thread. */
    private void answer(Connection asked) throws InterruptedException {
        try {
            asked.flush(options.answerTimeout());
            pongs.incrementAndGet();
        } catch (TimeoutException e) {
            // The detector counts the checks without an answer.
        } finally {
            pinging = false;
        }
    }

    private void disconnected(String server) {
        abandoned = false;
        if (renewing) {
            renewing = false;
            link.markDown();
        } else if (refused) {
            refused = false;
            link.attemptRefused();
        } else {
            link.disconnected(server + ": " + reason);
        }
    }

    private Duration pauseBefore(long round) {
        if (!link.permitsReconnect()) {
            link.threads().run(this::close);
            return options.config().connectTimeout();
        }
        return options.pauseBefore(round);
    }

    private void readerDied(Throwable cause) {
        link.threads().run(() -> link.readerFailed(this, cause));
    }

    private void close() {
        Connection last = connection;
        if (last != null) {
            link.threads().start("close", last::close);
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            link.ended(reason);
        }
    }

    private static String describe(Connection source) {
        return source.getConnectedUrl() + ", nats-server "
                + source.getServerInfo().getVersion();
    }

    private static boolean drainNow(Connection last, Duration timeout) throws InterruptedException {
        if (last.getStatus() != Connection.Status.CONNECTED) {
            last.close();
            return false;
        }
        try {
            return last.drain(timeout).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException | IllegalStateException e) {
            last.close();
            return false;
        }
    }
}
