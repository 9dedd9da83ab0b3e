package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Backoff;
import dev.sluice.stream.StartPosition;
import dev.sluice.stream.pull.Delivery;
import io.smallrye.mutiny.Uni;
import java.time.Duration;

/**
 * The position of a download in the chunks of its object, and whether the download continues after a failure.
 *
 * <p>A download continues with another consumer, after a pause that doubles from one failure to the next. It waits for
 * an unavailable NATS no longer than {@code sluice.object.stall}. A consumer can also be on a server that does not have
 * the latest chunks yet: if chunks are missing, the download tries a few more consumers. Each chunk that arrives resets
 * the counts. Not thread-safe: a download has one consumer at a time.
 */
final class DownloadProgress {
    /** Maximum number of further consumers while chunks are missing. */
    private static final int TRIES = 4;

    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofMillis(800));

    private final ObjectInfo object;
    private final Duration stall;
    private long number;
    private long lastSequence;
    /** Failures since the last chunk. */
    private int failures;
    /** Failures since the last chunk because the server did not have all chunks. */
    private int missing;
    /** Time of the first failure since the last chunk, as {@link System#nanoTime}. */
    private long firstFailure;

    /**
     * @param number the number of chunks before the first one to read
     * @param sequence the sequence of the first chunk to read; 0 if it is not known, for the first chunk of the object
     * @param stall how long the download waits for NATS
     */
    DownloadProgress(ObjectInfo object, long number, long sequence, Duration stall) {
        this.object = object;
        this.stall = stall;
        this.number = number;
        lastSequence = sequence - 1;
    }

    /** Returns where the next consumer begins: after the last chunk received. */
    StartPosition start() {
        return lastSequence < 1 ? StartPosition.Edge.ALL : new StartPosition.Sequence(lastSequence + 1);
    }

    /**
     * Fails with {@link MissingChunks} unless the server has all chunks that are left.
     *
     * @param pending number of messages that the consumer has yet to deliver
     */
    Uni<Void> require(long pending) {
        return pending == object.chunks() - number
                ? Uni.createFrom().voidItem()
                : Uni.createFrom()
                        .failure(new MissingChunks("it has %d chunks, and %d of them are there"
                                .formatted(object.chunks(), number + pending)));
    }

    void received(Delivery chunk) {
        lastSequence = chunk.streamSequence();
        number++;
        failures = 0;
        missing = 0;
    }

    void failed(Throwable failure) {
        if (failures == 0) {
            firstFailure = System.nanoTime();
        }
        failures++;
        if (failure instanceof MissingChunks) {
            missing++;
        }
    }

    /** Returns whether another consumer may read the next chunk after this failure, which has been counted. */
    boolean canContinue(Throwable failure) {
        return failure instanceof MissingChunks
                ? missing <= TRIES
                : unavailable(failure) && System.nanoTime() - firstFailure < stall.toNanos();
    }

    /** A server that has restarted no longer knows the consumer. */
    private static boolean unavailable(Throwable failure) {
        return Failure.UNAVAILABLE.matches(failure) || Failure.NO_CONSUMER.matches(failure);
    }

    /** Emits the failure after the pause that follows it. */
    Uni<Throwable> pause(Throwable failure) {
        return Uni.createFrom().item(failure).onItem().delayIt().by(BACKOFF.delay(failures));
    }

    /** The server does not have all chunks of the object, perhaps not yet. */
    static final class MissingChunks extends RuntimeException {
        private static final long serialVersionUID = 1;

        MissingChunks(String message) {
            super(message, null, false, false);
        }
    }
}
