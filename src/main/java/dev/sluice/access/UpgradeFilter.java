package dev.sluice.access;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.vertx.core.http.impl.Http1xUpgradeToH2CHandler;

/**
 * Ignores {@code Upgrade} on a request with {@code Expect: 100-continue}, which is then answered over HTTP/1.1. Vert.x
 * sends 101 as soon as it has read the headers, but 100 has to come first (RFC 9110, section 7.8): the client would wait
 * for it, and the server for the body.
 *
 * <p>Netty loads this class as {@link RequestHeaderTimeout}. Only the first request of a connection can upgrade it.
 */
public final class UpgradeFilter extends ChannelInitializerExtension {
    @Override
    public void postInitializeServerChildChannel(Channel connection) {
        connection.pipeline().addFirst(new Opened());
    }

    /** Waits until Vert.x has added the handler that tells HTTP/1.1 from HTTP/2 by the first bytes. */
    private static final class Opened extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext connection) {
            connection.pipeline().addLast(new Begun()).remove(this);
            connection.fireChannelActive();
        }
    }

    /** Receives the first bytes when Vert.x has added the handlers of their protocol. */
    private static final class Begun extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext connection, Object bytes) {
            ChannelHandlerContext upgrade = connection.pipeline().context(Http1xUpgradeToH2CHandler.class);
            if (upgrade != null) {
                connection.pipeline().addBefore(upgrade.name(), null, new First());
            }
            connection.pipeline().remove(this);
            connection.fireChannelRead(bytes);
        }
    }

    /** Receives the first request of a connection. */
    private static final class First extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext connection, Object message) {
            if (message instanceof HttpRequest request && HttpUtil.is100ContinueExpected(request)) {
                request.headers().remove(HttpHeaderNames.UPGRADE);
            }
            connection.pipeline().remove(this);
            connection.fireChannelRead(message);
        }
    }
}
