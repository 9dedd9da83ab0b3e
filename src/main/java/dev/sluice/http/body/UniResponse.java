package dev.sluice.http.body;

import dev.sluice.flow.ContextExecutor;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Answers a request of a route with the result of a {@link Uni}, on the event loop of the request, if its client is
 * still there.
 */
public final class UniResponse {
    private UniResponse() {}

    /** Subscribes to {@code result} at once. Failures, also those of {@code answer}, become problem documents. */
    public static <T> void send(RoutingContext context, Uni<T> result, Consumer<? super T> answer) {
        send(context, result, answer, failure -> fail(context, failure));
    }

    /** As {@link #send(RoutingContext, Uni, Consumer)}. A failure of {@code result} goes to {@code refusal}. */
    public static <T> void send(
            RoutingContext context, Uni<T> result, Consumer<? super T> answer, Consumer<? super Throwable> refusal) {
        Executor eventLoop = ContextExecutor.of(context);
        result.subscribe()
                .with(
                        item -> eventLoop.execute(() -> complete(context, item, answer)),
                        failure -> eventLoop.execute(() -> complete(context, failure, refusal)));
    }

    /** Must be called on the event loop of the request. */
    public static <T> void complete(RoutingContext context, T item, Consumer<? super T> answer) {
        if (context.response().closed()) {
            return;
        }
        try {
            answer.accept(item);
        } catch (RuntimeException refused) {
            context.fail(refused);
        }
    }

    /** Must be called on the event loop of the request. */
    public static void fail(RoutingContext context, Throwable failure) {
        if (!context.response().closed()) {
            context.fail(failure);
        }
    }
}
