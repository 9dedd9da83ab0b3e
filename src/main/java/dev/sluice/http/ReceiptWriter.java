package dev.sluice.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Writes receipts as lines, each turn of the event loop those that have come since the last, and asks for as many more as
 * the socket has taken: a client that does not read its receipts is not read from either. Used on the response's event
 * loop only.
 */
final class ReceiptWriter implements MultiSubscriber<LineReceipt> {

    /** Told on the event loop how the writing goes. */
    interface Listener {

        /** The socket has taken what was written. */
        void progressed();

        /** All receipts are written; the response is still open. */
        void completed();

        /** No receipt follows; the cause is none of the sender's making, or the sender has left. */
        void failed(Throwable cause);
    }

    private final HttpServerResponse response;
    private final Context eventLoop;
    private final ObjectMapper json;
    private final int window;
    private final Listener listener;
    private Flow.@Nullable Subscription receipts;
    private Buffer gathered = Buffer.buffer();
    private int count;
    private int unwritten;

    /** @param window how many receipts may wait for the socket */
    ReceiptWriter(HttpServerResponse response, Context eventLoop, ObjectMapper json, int window, Listener listener) {
        this.response = response;
        this.eventLoop = eventLoop;
        this.json = json;
        this.window = window;
        this.listener = listener;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        receipts = subscription;
        subscription.request(window);
    }

    @Override
    public void onItem(LineReceipt receipt) {
        if (count == 0) {
            eventLoop.runOnContext(turn -> flush());
        }
        count++;
        append(receipt);
    }

    @Override
    public void onFailure(Throwable failure) {
        listener.failed(failure);
    }

    @Override
    public void onCompletion() {
        flush();
        listener.completed();
    }

    /** Asks for no more receipts. */
    void stop() {
        Flow.Subscription subscription = receipts;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    /** Whether the socket has not taken everything yet. */
    boolean blocked() {
        return unwritten > 0;
    }

    /** Writes a receipt that nobody asked for, the last one. */
    Future<Void> writeLast(LineReceipt receipt) {
        append(receipt);
        return response.end(gathered);
    }

    private void append(LineReceipt receipt) {
        try {
            gathered.appendBytes(json.writeValueAsBytes(receipt)).appendByte((byte) '\n');
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a receipt is strings and numbers", e);
        }
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
            Flow.Subscription subscription = receipts;
            if (subscription != null) {
                subscription.request(written);
            }
        });
    }
}
