package dev.sluice.access;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection on which nothing moves. Vert.x' own deadline counts what was written to the end: an honest client
 * that takes longer for one large answer would be cut off in the middle of it. This one also looks whether the socket has
 * taken some of what waits. A socket does so when about a third of its buffer is free again, so whoever takes a byte now
 * and then is not one who moves.
 *
 * <p>The first timeout without a completed write is where it begins to look, the next without any progress is the end.
 */
final class IdleTimeout extends IdleStateHandler {

    private IdleTimeout(Duration timeout) {
        super(true, 0, 0, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** From its first request on the connection has this deadline in place of the other; on its event loop. */
    static void begin(RoutingContext request, Duration timeout) {
        if (request.request().connection() instanceof ConnectionBase connection) {
            ChannelPipeline pipeline = connection.channelHandlerContext().pipeline();
            IdleStateHandler other = pipeline.get(IdleStateHandler.class);
            if (other != null && !(other instanceof IdleTimeout)) {
                pipeline.replace(other, pipeline.context(other).name(), new IdleTimeout(timeout));
            }
        }
    }

    @Override
    protected void channelIdle(ChannelHandlerContext connection, IdleStateEvent event) {
        if (!event.isFirst()) {
            connection.close();
        }
    }
}
