package dev.sluice.stream.pull;

import io.smallrye.mutiny.Uni;

/**
 * Looks at the consumer of a subscription after it was created and before anything is pulled from it: what is asked of
 * the stream now is not older than the consumer.
 */
public interface CreationHook {

    /** When it completes the pulls begin; when it fails so does the subscription. Any thread. */
    Uni<Void> pass(ConsumerPosition position);
}
