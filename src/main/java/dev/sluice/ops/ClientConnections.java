package dev.sluice.ops;

import dev.sluice.failure.Failure;
import dev.sluice.flow.ArrivalListener;
import dev.sluice.flow.ResponseEnd;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The connections on which clients have sent requests, except those to the management port. When the service stops,
 * this class asks clients to reconnect elsewhere and does not interrupt a request. The close of Vert.x interrupts
 * requests, and the shutdown filter of Quarkus rejects requests that arrive on connections whose clients have not been
 * notified yet.
 *
 * <p>HTTP/1.1 clients are notified with {@code Connection: close} on every response (RFC 9112, section 9.6). HTTP/2
 * clients receive a GOAWAY with the highest possible stream id, so that requests already sent are still served (RFC
 * 9113, section 6.8). Idle connections are closed after {@link #QUIET} without a request on any connection: on a slow
 * machine a request may take long to arrive.
 */
@Singleton
final class ClientConnections implements ArrivalListener {
    private static final AttributeKey<Client> CLIENT = AttributeKey.valueOf(ClientConnections.class, "client");
    private static final long NO_ERROR = 0;
    /** The time without any request after which idle connections are closed: many times a round trip. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> allGone = new CompletableFuture<>();
    private volatile boolean leaving;
    /** In nanoseconds; set only while leaving. */
    private volatile long lastArrival;

    private volatile boolean closing;

    /** Makes every HTTP/1.1 response the last one on its connection from now on. */
    void leave() {
        lastArrival = System.nanoTime();
        leaving = true;
    }

    /**
     * Asks all clients to disconnect. Must follow {@link #leave}. Open requests, and requests that arrive in the
     * meantime, are answered.
     */
    void sendAway() {
        closing = true;
        clients.forEach(client -> client.loop.execute(client::sendAway));
        checkAllGone();
    }

    /** Completes when all connections are closed. Fails with {@code TIMEOUT} after {@code timeout}. */
    Uni<Void> gone(Duration timeout) {
        return Uni.createFrom()
                .completionStage(allGone::copy)
                .ifNoItem()
                .after(timeout)
                .failWith(() -> Failure.TIMEOUT.because(count() + " connections are still open"));
    }

    /** Returns the number of open connections. */
    int count() {
        return clients.size();
    }

    @Override
    public void arrived(RoutingContext exchange) {
        if (exchange.request().connection() instanceof ConnectionBase connection) {
            Client client = client(connection, exchange.request());
            client.open++;
            if (leaving) {
                lastArrival = System.nanoTime();
            }
            ResponseEnd.whenEnded(exchange, complete -> client.answered(exchange.request()));
            closeIfLeaving(exchange, client);
        }
    }

    @Override
    public void rerouted(RoutingContext exchange) {
        if (exchange.request().connection() instanceof ConnectionBase connection) {
            closeIfLeaving(exchange, client(connection, exchange.request()));
        }
    }

    private void closeIfLeaving(RoutingContext exchange, Client client) {
        if (exchange.request().version() != HttpVersion.HTTP_2) {
            exchange.addHeadersEndHandler(head -> {
                if (leaving) {
                    exchange.response().headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                    client.closeAnnounced = true;
                }
            });
        }
    }

    /** Must be called on the connection's event loop. */
    private Client client(ConnectionBase connection, HttpServerRequest request) {
        Channel channel = connection.channelHandlerContext().channel();
        Client known = channel.attr(CLIENT).get();
        if (known != null) {
            return known;
        }
        Client client = new Client(request.connection(), channel.eventLoop(), request.version() == HttpVersion.HTTP_2);
        channel.attr(CLIENT).set(client);
        clients.add(client);
        channel.closeFuture().addListener(closed -> {
            clients.remove(client);
            checkAllGone();
        });
        if (closing && client.multiplexed) {
            client.sendAway();
        }
        return client;
    }

    private void checkAllGone() {
        if (closing && clients.isEmpty()) {
            allGone.complete(null);
        }
    }

    /** One connection. Confined to its event loop. */
    private final class Client {
        private final HttpConnection connection;
        private final EventLoop loop;
        private final boolean multiplexed;
        private int open;
        /** Whether a response has announced that no further request may follow. */
        private boolean closeAnnounced;

        Client(HttpConnection connection, EventLoop loop, boolean multiplexed) {
            this.connection = connection;
            this.loop = loop;
            this.multiplexed = multiplexed;
        }

        /**
         * Closes the connection if it is to be closed, except while the request body is still arriving: closing with
         * unread bytes resets the connection, and the client loses the response.
         */
        void answered(HttpServerRequest request) {
            open--;
            if (closeAnnounced && request.isEnded()) {
                connection.close();
            } else if (closing && !multiplexed && request.isEnded()) {
                closeWhenQuiet();
            }
        }

        void sendAway() {
            if (multiplexed) {
                connection.goAway(NO_ERROR, Integer.MAX_VALUE);
                loop.schedule(this::closeWhenQuiet, QUIET.toNanos(), TimeUnit.NANOSECONDS);
            } else {
                closeWhenQuiet();
            }
        }

        private void closeWhenQuiet() {
            long left = lastArrival + QUIET.toNanos() - System.nanoTime();
            if (left > 0) {
                loop.schedule(this::closeWhenQuiet, left, TimeUnit.NANOSECONDS);
            } else if (multiplexed) {
                connection.shutdown();
            } else if (open == 0) {
                connection.close();
            }
        }
    }
}
