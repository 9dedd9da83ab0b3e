package dev.sluice.http.state;

import dev.sluice.access.OpenRequest;
import dev.sluice.http.body.MessageBody;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.vertx.MultiHelper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The body of a request in chunks of equal size, read on demand and within the byte rate of the caller. Confined to the
 * request's event loop.
 */
final class UploadedChunks {
    private final HttpServerRequest request;
    private final OpenRequest open;
    private final int chunkSize;
    private byte[] chunk = {};
    /** Whether the body has filled a chunk: then it probably fills the next one too. */
    private boolean large;

    private int filled;
    private boolean begun;
    private boolean whole;
    private long demanded;
    private long received;
    private long lastProgress = System.nanoTime();
    /** Nanoseconds of waiting for the client since the last full chunk, until {@link #lastProgress}. */
    private long waited;

    UploadedChunks(RoutingContext routing, int chunkSize) {
        this.request = routing.request();
        this.open = OpenRequest.of(routing);
        this.chunkSize = chunkSize;
    }

    /** Returns the size of all chunks but the last one. */
    int chunkSize() {
        return chunkSize;
    }

    /** Returns the chunks. Allows one subscription. Fails if the client disconnects. */
    Multi<byte[]> multi() {
        Multi<byte[]> full = MultiHelper.toMulti(request)
                .onRequest()
                .invoke(this::demanded)
                .invoke(this::received)
                .onItem()
                .call(buffer -> open.charge(buffer.length(), () -> {}))
                .onItem()
                .transformToIterable(this::cut);
        Multi<byte[]> remainder =
                Multi.createFrom().deferred(() -> Multi.createFrom().iterable(remainder()));
        return Multi.createBy()
                .concatenating()
                .streams(full, remainder)
                .onSubscription()
                .invoke(this::begin);
    }

    /** Returns whether the whole body has arrived. */
    boolean whole() {
        return whole;
    }

    /** Returns for how long nothing has arrived although Sluice was reading. */
    Duration idle() {
        return Duration.ofNanos(waiting());
    }

    /** Returns for how long Sluice has waited for the client since it had the last full chunk. */
    Duration waited() {
        return Duration.ofNanos(waited + waiting());
    }

    private long waiting() {
        return begun && !whole && demanded > received ? System.nanoTime() - lastProgress : 0;
    }

    private void demanded(long chunks) {
        progress();
        demanded += chunks;
    }

    private void received(Buffer buffer) {
        progress();
        received++;
    }

    private void progress() {
        waited += waiting();
        lastProgress = System.nanoTime();
    }

    private List<byte[]> cut(Buffer buffer) {
        List<byte[]> full = new ArrayList<>(buffer.length() / chunkSize + 1);
        int from = 0;
        while (from < buffer.length()) {
            int taken = Math.min(buffer.length() - from, chunkSize - filled);
            if (chunk.length < filled + taken) {
                int size = large ? chunkSize : Math.max(2 * chunk.length, filled + taken);
                chunk = Arrays.copyOf(chunk, Math.min(chunkSize, size));
            }
            buffer.getBytes(from, from + taken, chunk, filled);
            filled += taken;
            from += taken;
            if (filled == chunkSize) {
                large = true;
                full.add(taken());
            }
        }
        return full;
    }

    private List<byte[]> remainder() {
        whole = true;
        return filled == 0 ? List.of() : List.of(taken());
    }

    private byte[] taken() {
        byte[] full = filled == chunk.length ? chunk : Arrays.copyOf(chunk, filled);
        chunk = new byte[] {};
        filled = 0;
        waited = 0;
        return full;
    }

    private void begin() {
        begun = true;
        lastProgress = System.nanoTime();
        MessageBody.tellToSend(request);
    }
}
