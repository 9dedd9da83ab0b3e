package dev.sluice.stream.pull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.ConsumerRef;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one fetch from a consumer. All values are positive.
 *
 * @param batch maximum number of messages
 * @param maxBytes maximum number of bytes as the server counts them: subject, reply subject, headers and payload
 * @param expires time to wait for the batch to fill
 * @param waits whether to wait for messages; if false, {@code expires} only limits the time for the server to report
 *     that there are none. It does not report this while {@code max_ack_pending} is reached: then the consumer is asked
 */
public record FetchRequest(int batch, long maxBytes, Duration expires, boolean waits) {

    /**
     * Returns the failure of a fetch that ended without messages; null if there were no messages to deliver.
     *
     * @param consumerMaxBytes the consumer's own limit of a pull in bytes
     */
    @Nullable
    SluiceException refusal(PullSignal signal, ConsumerRef ref, long consumerMaxBytes) {
        return switch (signal.status()) {
            case HEARTBEAT, ENDED -> null;
            case LOST -> Failure.UNAVAILABLE.because("The leader of " + ref + " changed during the fetch");
            case OVERSIZE ->
                Failure.TOO_LARGE.because("The next message has more than " + Math.min(maxBytes, consumerMaxBytes)
                        + " bytes with its subjects and headers; "
                        + (consumerMaxBytes > maxBytes
                                ? "max_bytes asks for more"
                                : "the consumer " + ref + " permits no more (max_bytes of its configuration)"));
            case BUSY -> Failure.OVERLOADED.because("Too many pulls wait at " + ref);
            case DELETED -> Failure.UNAVAILABLE.because("The consumer " + ref + " moved during the fetch");
            case NO_RESPONDERS, UNKNOWN ->
                Failure.UNAVAILABLE.because("No pull from " + ref + " now: " + signal.description());
            case LIMITED, PUSH, BAD_REQUEST, UNSUPPORTED -> signal.failure(ref);
        };
    }
}
