package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Completion;
import dev.sluice.flow.OrderedWindow;
import dev.sluice.flow.SerialExecutor;
import dev.sluice.stream.publish.Publication;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The chunks of one upload on their way into the stream: a limited number without an ack, in the order of the body. No
 * further chunk is requested while the window is full.
 *
 * <p>A chunk that was sent again can be stored after its successors. The sequences of the acks reveal that, and the
 * upload fails.
 */
final class Chunks {
    private final StoredPublisher publisher;
    private final String subject;
    private final int window;
    private final LongAdder written;
    private final ContentCheck check;
    /** Computes digests beside the publishes. A chunk leaves the window when it is stored and in the digests. */
    private final Executor digesting = new SerialExecutor(Infrastructure.getDefaultExecutor());

    private final MessageDigest digest = sha256();
    /** Unacknowledged publishes, plus one while the upload is open: zero means that all are settled. */
    private final AtomicInteger open = new AtomicInteger(1);

    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private volatile boolean ended;
    private volatile boolean mayBeStored;
    private long size;
    private long count;
    private long lastSequence;

    /**
     * @param written receives the bytes of each stored chunk
     * @param check receives each chunk, in order
     */
    Chunks(StoredPublisher publisher, String subject, int window, LongAdder written, ContentCheck check) {
        this.publisher = publisher;
        this.subject = subject;
        this.window = window;
        this.written = written;
        this.check = check;
    }

    /** Publishes all chunks. Completes when the last one is stored. To be called once. */
    Uni<Void> store(Multi<byte[]> chunks) {
        return new OrderedWindow<byte[], Receipt>(chunks, window, this::publish)
                .invoke(this::requireOrder)
                .collect()
                .last()
                .replaceWithVoid()
                .onTermination()
                .invoke(this::end);
    }

    /** Completes when no publish is in flight any more. */
    Uni<Void> settled() {
        return Uni.createFrom().completionStage(settled.copy());
    }

    /** Returns whether the stream has a chunk, or perhaps has one; final once no publish is in flight. */
    boolean mayBeStored() {
        return mayBeStored;
    }

    /**
     * Returns what was stored, after {@link #store} has completed. To be called once.
     *
     * @throws dev.sluice.failure.SluiceException as {@link ContentCheck#verify}
     */
    ObjectInfo.Content content(String id, int chunkSize) {
        byte[] sha256 = digest.digest();
        check.verify(sha256);
        String value = Base64.getUrlEncoder().encodeToString(sha256);
        return new ObjectInfo.Content(id, size, count, chunkSize, ObjectInfo.DIGEST_ALGORITHM + value);
    }

    private void publish(byte[] chunk, Completion<Receipt> completion) {
        open.incrementAndGet();
        if (ended) {
            release();
            completion.fail(Failure.UNAVAILABLE.because("The upload has ended"));
            return;
        }
        digesting.execute(() -> digest(chunk));
        size += chunk.length;
        count++;
        publisher.publishChunk(new Publication(subject, Map.of(), chunk), new Completion<>() {
            @Override
            public void complete(Receipt receipt) {
                written.add(chunk.length);
                mayBeStored = true;
                release();
                digesting.execute(() -> completion.complete(receipt));
            }

            @Override
            public void fail(Throwable failure) {
                if (!ObjectStores.certainlyNotStored(failure)) {
                    mayBeStored = true;
                }
                release();
                completion.fail(failure);
            }
        });
    }

    private void digest(byte[] chunk) {
        if (!ended) {
            digest.update(chunk);
            check.update(chunk);
        }
    }

    private void requireOrder(Receipt receipt) {
        if (receipt.sequence() <= lastSequence) {
            throw Failure.UNAVAILABLE.because("Chunks were stored in another order; send the object again");
        }
        lastSequence = receipt.sequence();
    }

    private void end() {
        ended = true;
        release();
    }

    private void release() {
        if (open.decrementAndGet() == 0) {
            settled.complete(null);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
