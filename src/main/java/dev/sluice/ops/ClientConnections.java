package dev.sluice.ops;

import dev.sluice.failure.Failure;
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
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The connections on which clients have sent requests, but for those to the management port: a stopping service sends
 * them elsewhere without cutting a request off. Vert.x' own close cuts, and the filter of Quarkus that waits for requests
 * refuses those that come meanwhile on connections that nobody has told to go.
 *
 * <p>HTTP/1.1 is told by {@code Connection: close} on every answer (RFC 9112, section 9.6), HTTP/2 by a GOAWAY that names
 * no last stream, so that requests under way to us are still served (RFC 9113, section 6.8). What is open without a request
 * is closed when no request has come for a moment, on any connection: on a slow machine one may be under way for long.
 */
@Singleton
final class ClientConnections {
    private static final AttributeKey<Client> CLIENT = AttributeKey.valueOf(ClientConnections.class, "client");
    private static final long NO_ERROR = 0;
    /** Without a request, before connections that have none are closed: many times a round trip. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> allGone = new CompletableFuture<>();
    private volatile boolean leaving;
    /** In nanoseconds; known only while leaving. */
    private volatile long lastArrival;

    private volatile boolean closing;

    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).handler(this::arrived);
    }

    /** Every answer of HTTP/1.1 is the last one of its connection from now on. */
    void leave() {
        lastArrival = System.nanoTime();
        leaving = true;
    }

    /** Follows {@link #leave}: sends all clients away. Requests that are under way, or come meanwhile, are answered. */
    void sendAway() {
        closing = true;
        clients.forEach(client -> client.loop.execute(client::sendAway));
        checkAllGone();
    }

    /** The item comes when all that were sent away have gone; fails {@code TIMEOUT} after {@code patience}. */
    Uni<Void> gone(Duration patience) {
        return Uni.createFrom()
                .completionStage(allGone::copy)
                .ifNoItem()
                .after(patience)
                .failWith(() -> Failure.TIMEOUT.because(count() + " connections are still open"));
    }

    /** Connections that are open. */
    int count() {
        return clients.size();
    }

    private void arrived(RoutingContext exchange) {
        if (exchange.request().connection() instanceof ConnectionBase connection) {
            Client client = client(connection, exchange.request());
            client.open++;
            if (leaving) {
                lastArrival = System.nanoTime();
            }
            ResponseEnd.whenEnded(exchange, complete -> client.answered(exchange.request()));
            if (exchange.request().version() != HttpVersion.HTTP_2) {
                exchange.addHeadersEndHandler(head -> {
                    if (leaving) {
                        exchange.response().headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                        client.told = true;
                    }
                });
            }
        }
        exchange.next();
    }

    /** On the connection's event loop. */
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

    /** One connection; on its event loop. */
    private final class Client {
        private final HttpConnection connection;
        private final EventLoop loop;
        private final boolean multiplexed;
        private int open;
        /** Whether an answer has said that no request may follow. */
        private boolean told;

        Client(HttpConnection connection, EventLoop loop, boolean multiplexed) {
            this.connection = connection;
            this.loop = loop;
            this.multiplexed = multiplexed;
        }

        /** A body that is still coming keeps the connection: to close on unread bytes resets it, and loses the answer. */
        void answered(HttpServerRequest request) {
            open--;
            if (told && request.isEnded()) {
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
