package dev.sluice.events;

import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.RunOnce;
import dev.sluice.flow.Validity;
import io.netty.channel.EventLoop;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.ContextInternal;
import java.util.concurrent.Executor;

/**
 * A client that holds a permit of the {@link ConnectionLimiter}, from its admission to the end of its tail.
 *
 * @param validity when the client's identity expires
 * @param loop event loop of the response
 * @param executor runs tasks on {@code loop}, in the context of the request
 * @param release releases the permit; further runs do nothing
 */
record Admission(HttpServerResponse response, Validity validity, EventLoop loop, Executor executor, Runnable release) {

    /** Takes a permit of {@code limiter} for the client of the current request. Fails as {@link ConnectionLimiter#admit}. */
    static Admission of(HttpServerResponse response, Validity validity, ConnectionLimiter limiter) {
        EventLoop loop = ContextInternal.current().nettyEventLoop();
        limiter.admit();
        return new Admission(response, validity, loop, ContextExecutor.executor(), new RunOnce(limiter::left));
    }
}
