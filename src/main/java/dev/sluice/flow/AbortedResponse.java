package dev.sluice.flow;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.quarkus.vertx.http.runtime.filters.AbstractResponseWrapper;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;

/**
 * Ends an exchange early, in a way that a client cannot mistake for a complete response. HTTP/2: resets the stream with
 * an error code (RFC 9113, section 8.1). HTTP/1.1: closes the connection before the last chunk or the announced length
 * (RFC 9112, section 8). HTTP/1.0: resets the TCP connection, because the close of the connection marks the end of such
 * a response.
 */
public final class AbortedResponse {
    private AbortedResponse() {}

    /**
     * Returns the response to {@code exchange}, whose {@code reset} cuts it off. That of Vert.x marks an HTTP/1.1
     * response as closed, so that the handlers of its end never run, and waits for a client that does not read.
     */
    public static HttpServerResponse resettable(RoutingContext exchange) {
        return exchange.request().version() == HttpVersion.HTTP_2
                ? exchange.response()
                : new Resettable(exchange.request(), exchange.response());
    }

    /** A response over HTTP/1, which has no streams that could be reset on their own. */
    private static final class Resettable extends AbstractResponseWrapper {
        private final HttpServerRequest request;

        Resettable(HttpServerRequest request, HttpServerResponse response) {
            super(response);
            this.request = request;
        }

        @Override
        public boolean reset(long code) {
            if (ended() || closed()) {
                return false;
            }
            cutOff(request);
            return true;
        }
    }

    /**
     * Ends the exchange at once and discards the data that a slow client has not read. After a complete HTTP/2 response
     * it only tells the client to stop sending ({@code NO_ERROR}). Called on the request's event loop.
     */
    public static void cutOff(HttpServerRequest request) {
        if (!(request.connection() instanceof ConnectionBase connection)) {
            request.response().reset(Http2Error.INTERNAL_ERROR.code());
            return;
        }
        ChannelHandlerContext context = connection.channelHandlerContext();
        if (request.version() == HttpVersion.HTTP_2) {
            Http2Error code = wholeAnswerSent(context, request) ? Http2Error.NO_ERROR : Http2Error.INTERNAL_ERROR;
            request.response().reset(code.code());
        } else {
            if (request.version() == HttpVersion.HTTP_1_0) {
                resetInPlaceOfClose(context.channel());
            }
            context.close();
        }
    }

    /**
     * Returns whether the last frame was sent. An ended response may still wait for the client's flow-control window.
     */
    private static boolean wholeAnswerSent(ChannelHandlerContext context, HttpServerRequest request) {
        if (!request.response().ended() || !(context.handler() instanceof Http2ConnectionHandler http2)) {
            return false;
        }
        Http2Stream stream = http2.connection().stream(request.response().streamId());
        return stream == null || !stream.state().localSideOpen();
    }

    /** Does nothing if the socket is closed already, as after a write that failed: its options cannot be set any more. */
    private static void resetInPlaceOfClose(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
    }
}
