package dev.sluice.http.state;

import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.ResponseEnd;
import dev.sluice.http.body.UniResponse;
import dev.sluice.stream.object.ObjectStores;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One upload of an object. It ends early if its client disconnects or stops sending. Confined to the request's event loop. */
final class ObjectUpload {
    private final RoutingContext context;
    private final UploadedChunks body;
    private final Duration bodyTimeout;
    private final Duration chunkTimeout;
    private boolean over;
    private Cancellable running = () -> {};
    private long timer;

    /**
     * @param bodyTimeout maximum time without any byte of the body
     * @param chunkTimeout maximum time for one chunk of the body
     */
    ObjectUpload(RoutingContext context, UploadedChunks body, Duration bodyTimeout, Duration chunkTimeout) {
        this.context = context;
        this.body = body;
        this.bodyTimeout = bodyTimeout;
        this.chunkTimeout = chunkTimeout;
    }

    void begin(Uni<ObjectStores.Stored> stored, Consumer<ObjectStores.Stored> answer) {
        Executor eventLoop = ContextExecutor.of(context);
        running = stored.subscribe()
                .with(
                        result -> eventLoop.execute(() -> {
                            end();
                            UniResponse.complete(context, result, answer);
                        }),
                        failure -> eventLoop.execute(() -> fail(failure)));
        ResponseEnd.whenGone(context.response(), this::gone);
        if (!over) {
            watch();
        }
    }

    /** An upload whose body has arrived completely is finished without its client. */
    private void gone() {
        if (!body.whole()) {
            stop();
        }
    }

    private void fail(Throwable failure) {
        if (!over) {
            end();
            UniResponse.fail(context, failure);
        }
    }

    private void stop() {
        end();
        running.cancel();
    }

    /** Ends the watch: its timer would keep the upload. */
    private void end() {
        over = true;
        context.vertx().cancelTimer(timer);
    }

    private void watch() {
        long left = Math.min(
                bodyTimeout.minus(body.idle()).toMillis(),
                chunkTimeout.minus(body.waited()).toMillis());
        timer = context.vertx().setTimer(Math.max(1, left), due -> {
            if (body.whole()) {
                return;
            }
            if (body.idle().compareTo(bodyTimeout) >= 0) {
                late("Nothing of the body has arrived for " + bodyTimeout.toSeconds()
                        + " s (sluice.http.body-timeout)");
            } else if (body.waited().compareTo(chunkTimeout) >= 0) {
                late("The next " + body.chunkSize() + " bytes of the body take longer than " + chunkTimeout.toSeconds()
                        + " s (half of sluice.object.sweep.age)");
            } else {
                watch();
            }
        });
    }

    private void late(String what) {
        stop();
        UniResponse.fail(context, Failure.REQUEST_TIMEOUT.because(what));
    }
}
