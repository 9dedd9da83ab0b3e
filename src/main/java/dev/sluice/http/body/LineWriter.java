package dev.sluice.http.body;

import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes items as lines of a response. Each run of the event loop writes the items received since the previous run.
 * Demand follows the socket: as many items are requested as were written, so the source is no faster than the client
 * reads. Confined to the response's event loop.
 *
 * @param <T> type of the items; one item becomes one or more lines
 */
public final class LineWriter<T> implements MultiSubscriber<T> {

    /** Receives the progress of the writer, on the event loop. */
    public interface Listener {

        /** Called when the socket has taken the written data. */
        void progressed();

        /** Called when all items are written. The response is still open. */
        void completed();

        /**
         * Called when no item follows because the source failed. The client did not cause the failure, or it has left.
         */
        void failed(Throwable cause);
    }

    private final HttpServerResponse response;
    private final Executor eventLoop;
    private final Function<T, byte[]> lines;
    private final int window;
    private final Listener listener;
    private Flow.@Nullable Subscription items;
    private Buffer collected = Buffer.buffer();
    private int count;
    private int unwritten;

    /**
     * Creates a writer, which begins with its subscription.
     *
     * @param lines encodes an item as lines, each with its line break
     * @param window maximum number of items that wait for the socket
     */
    public LineWriter(
            HttpServerResponse response, Executor eventLoop, Function<T, byte[]> lines, int window, Listener listener) {
        this.response = response;
        this.eventLoop = eventLoop;
        this.lines = lines;
        this.window = window;
        this.listener = listener;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        items = subscription;
        subscription.request(window);
    }

    @Override
    public void onItem(T item) {
        if (count == 0) {
            eventLoop.execute(this::flush);
        }
        count++;
        collected.appendBytes(lines.apply(item));
    }

    @Override
    public void onFailure(Throwable failure) {
        flush();
        listener.failed(failure);
    }

    @Override
    public void onCompletion() {
        flush();
        listener.completed();
    }

    /** Cancels the subscription. */
    public void stop() {
        Flow.Subscription subscription = items;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    /** Returns whether the socket has not taken all written data yet. */
    public boolean blocked() {
        return unwritten > 0;
    }

    /** Writes a last item without demand, and ends the response. */
    public Future<Void> writeLast(T item) {
        count = 0;
        return response.end(collected.appendBytes(lines.apply(item)));
    }

    private void flush() {
        if (count == 0) {
            return;
        }
        int written = count;
        Buffer batch = collected;
        collected = Buffer.buffer();
        count = 0;
        unwritten += written;
        response.write(batch).onSuccess(done -> {
            unwritten -= written;
            listener.progressed();
            Flow.Subscription subscription = items;
            if (subscription != null) {
                subscription.request(written);
            }
        });
    }
}
