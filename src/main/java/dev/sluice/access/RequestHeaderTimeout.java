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
 * Closes a connection whose request does not get told to the end of its headers in time, be it silent or dribbling: an
 * idle timeout alone never ends one that sends a byte now and then. The time runs from the connection's start, TLS
 * included, and on HTTP/1.1 again from the first byte of each further request.
 *
 * <p>Netty loads it as a service and hands it every server connection, where {@code io.netty.bootstrap.extensions} is
 * {@code serviceload}; nothing of Quarkus or Vert.x lies in between. The {@link AuthenticationHandler} says when a request is there.
 */
public final class RequestHeaderTimeout extends ChannelInitializerExtension {
    static final int SECONDS = 10;
    private static final AttributeKey<Watch> WATCH = AttributeKey.valueOf(RequestHeaderTimeout.class, "watch");

    @Override
    public void postInitializeServerChildChannel(Channel connection) {
        Watch watch = new Watch();
        connection.attr(WATCH).set(watch);
        connection.pipeline().addFirst(watch);
    }

    /** The head of a request has come; on its event loop. Passes the request on. */
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
        request.next();
    }

    /** One connection's clock; on its event loop. */
    private static final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable ScheduledFuture<?> deadline;
        private boolean expecting;

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
            connection.fireChannelInactive();
        }

        void arrived() {
            expecting = false;
            if (deadline != null) {
                deadline.cancel(false);
                deadline = null;
            }
        }

        void expectAnother() {
            expecting = true;
        }

        private void begin(ChannelHandlerContext connection) {
            expecting = false;
            deadline = connection.executor().schedule(() -> connection.close(), SECONDS, TimeUnit.SECONDS);
        }
    }
}
