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
 * Closes a connection without progress. The idle timeout of Vert.x counts only completed writes, so it would close the
 * connection of a client that needs longer than the timeout for one large response. This handler also observes whether
 * the socket accepts some of the pending bytes. A socket does so only when about a third of its buffer is free again,
 * so a client that reads a byte now and then makes no progress.
 *
 * <p>The observation starts at the first timeout without a completed write. The next timeout without progress closes
 * the connection.
 */
final class IdleTimeout extends IdleStateHandler {

    private IdleTimeout(Duration timeout) {
        super(true, 0, 0, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Replaces the idle timeout of Vert.x with this one at the first request of the connection. Must be called on the
     * event loop of the connection.
     */
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
