package dev.sluice.access;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection whose request headers are incomplete after the timeout (protection against slowloris). An idle
 * timeout is not enough: a client that sends one byte now and then never becomes idle. The timeout starts with the
 * connection, TLS handshake included, and on HTTP/1.1 again with the first byte of each further request.
 *
 * <p>Netty loads this class as a service and calls it for every server connection if
 * {@code io.netty.bootstrap.extensions} is {@code serviceload}; Quarkus and Vert.x are not involved.
 * {@link ConnectionTimeouts} reports when a request has arrived.
 */
public final class RequestHeaderTimeout extends ChannelInitializerExtension {
    static final int SECONDS = 10;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(SECONDS);
    private static final AttributeKey<Watch> WATCH = AttributeKey.valueOf(RequestHeaderTimeout.class, "watch");

    @Override
    public void postInitializeServerChildChannel(Channel connection) {
        Watch watch = new Watch();
        connection.attr(WATCH).set(watch);
        connection.pipeline().addFirst(watch);
    }

    /**
     * Stops the timeout, because the headers of a request have arrived. Must be called on the event loop of the
     * connection.
     */
    static void arrived(RoutingContext request) {
        if (request.request().connection() instanceof ConnectionBase connection) {
            Watch watch =
                    connection.channelHandlerContext().channel().attr(WATCH).get();
            if (watch != null) {
                watch.arrived();
                if (request.request().version() != HttpVersion.HTTP_2) {
                    request.addEndHandler(ended -> watch.expectAnother());
                }
            }
        }
    }

    /**
     * The timeout of one connection. Confined to its event loop. A timer that has been set is left to expire, because
     * most requests arrive long before; it is set again only if a request is expected then.
     */
    private static final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable ScheduledFuture<?> timer;
        /** Whether the next byte begins a request. */
        private boolean expecting;
        /** Whether the headers of a request have begun and are not complete. */
        private boolean awaiting;
        /** When they have begun. */
        private long since;

        @Override
        public void channelActive(ChannelHandlerContext connection) {
            begin(connection);
            connection.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext connection, Object bytes) {
            if (expecting) {
                begin(connection);
            }
            connection.fireChannelRead(bytes);
        }

        @Override
        public void channelInactive(ChannelHandlerContext connection) {
            arrived();
            if (timer != null) {
                timer.cancel(false);
            }
            connection.fireChannelInactive();
        }

        void arrived() {
            expecting = false;
            awaiting = false;
        }

        void expectAnother() {
            expecting = true;
        }

        private void begin(ChannelHandlerContext connection) {
            expecting = false;
            awaiting = true;
            since = System.nanoTime();
            if (timer == null) {
                setTimer(connection, LIMIT_NANOS);
            }
        }

        private void setTimer(ChannelHandlerContext connection, long nanos) {
            timer = connection.executor().schedule(() -> expired(connection), nanos, TimeUnit.NANOSECONDS);
        }

        private void expired(ChannelHandlerContext connection) {
            timer = null;
            if (!awaiting) {
                return;
            }
            long left = since + LIMIT_NANOS - System.nanoTime();
            if (left > 0) {
                setTimer(connection, left);
            } else {
                connection.close();
            }
        }
    }
}
