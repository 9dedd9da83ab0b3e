package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerRef;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one fetch asks of a consumer; everything is positive.
 *
 * @param batch messages at most
 * @param maxBytes bytes at most, as the server counts them: subject, reply subject, headers and payload
 * @param expires how long to wait for the batch to fill
 * @param waits whether to wait at all; if not, {@code expires} only bounds how long the server may take to say that
 *     nothing is there, which it never does while the consumer waits for acks
 */
public record FetchRequest(int batch, long maxBytes, Duration expires, boolean waits) {

    /** Why a fetch that brought nothing failed; null if there was nothing to bring. */
    @Nullable
    SluiceException refusal(PullSignal signal, ConsumerRef ref) {
        return switch (signal.status()) {
            case HEARTBEAT, ENDED -> null;
            case LOST -> Failure.UNAVAILABLE.because("The leader of " + ref + " changed during the fetch");
            case OVERSIZE ->
                Failure.TOO_LARGE.because("The next message has more than " + maxBytes
                        + " bytes with its subjects and headers; max_bytes asks for more");
            case BUSY -> Failure.OVERLOADED.because("Too many pulls wait at " + ref);
            case DELETED -> Failure.NO_CONSUMER.because("The consumer " + ref + " was deleted");
            case NO_RESPONDERS, UNKNOWN ->
                Failure.UNAVAILABLE.because("No pull from " + ref + " now: " + signal.description());
            case LIMITED, PUSH, BAD_REQUEST, UNSUPPORTED -> signal.failure(ref);
        };
    }

    /** Why a fetch failed that the server never answered; null where servers say nothing if there is nothing to bring. */
    @Nullable
    SluiceException silence(ConsumerRef ref, boolean replicated) {
        return waits || replicated ? Failure.UNAVAILABLE.because("The consumer " + ref + " did not answer") : null;
    }
}
