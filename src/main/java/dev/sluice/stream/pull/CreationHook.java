package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerInfo;
import io.smallrye.mutiny.Uni;

/**
 * A callback between the creation of a subscription's consumer and its first pull. Stream information requested here is
 * at least as recent as the consumer.
 */
public interface CreationHook {

    /** Pulls start when the result completes; the subscription fails when it fails. May complete on any thread. */
    Uni<Void> pass(ConsumerInfo consumer);
}
