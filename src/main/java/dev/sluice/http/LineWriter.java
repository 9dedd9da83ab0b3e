package dev.sluice.http;

import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes items as lines of a response, each turn of the event loop those that have come since the last, and asks for as
 * many more as the socket has taken: whoever makes the items goes no faster than the client reads. Used on the response's
 * event loop only.
 *
 * @param <T> what becomes a line, or several
 */
final class LineWriter<T> implements MultiSubscriber<T> {

    /** Told on the event loop how the writing goes. */
    interface Listener {

        /** The socket has taken what was written. */
        void progressed();

        /** All items are written; the response is still open. */
        void completed();

        /** No item follows; the cause is none of the client's making, or the client has left. */
        void failed(Throwable cause);
    }

    private final HttpServerResponse response;
    private final Context eventLoop;
    private final Function<T, byte[]> lines;
    private final int window;
    private final Listener listener;
    private Flow.@Nullable Subscription items;
    private Buffer gathered = Buffer.buffer();
    private int count;
    private int unwritten;

    /**
     * @param lines writes an item, each of its lines with its end
     * @param window how many items may wait for the socket
     */
    LineWriter(
            HttpServerResponse response, Context eventLoop, Function<T, byte[]> lines, int window, Listener listener) {
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
            eventLoop.runOnContext(turn -> flush());
        }
        count++;
        gathered.appendBytes(lines.apply(item));
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

    /** Asks for no more items. */
    void stop() {
        Flow.Subscription subscription = items;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    /** Whether the socket has not taken everything yet. */
    boolean blocked() {
        return unwritten > 0;
    }

    /** Writes an item that nobody asked for, the last one. */
    Future<Void> writeLast(T item) {
        count = 0;
        return response.end(gathered.appendBytes(lines.apply(item)));
    }

    private void flush() {
        if (count == 0) {
            return;
        }
        int written = count;
        Buffer burst = gathered;
        gathered = Buffer.buffer();
        count = 0;
        unwritten += written;
        response.write(burst).onSuccess(done -> {
            unwritten -= written;
            listener.progressed();
            Flow.Subscription subscription = items;
            if (subscription != null) {
                subscription.request(written);
            }
        });
    }
}
