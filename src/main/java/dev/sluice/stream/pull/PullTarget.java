package dev.sluice.stream.pull;

import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import io.nats.client.NUID;
import org.jspecify.annotations.Nullable;

/**
 * The consumer that a subscription pulls from.
 *
 * @param definition definition for creating a missing or deleted consumer; null if that is a failure
 * @param creationHook called after the creation; with a hook the consumer is created once and any interruption fails
 *     the subscription
 */
record PullTarget(
        ConsumerRef ref,
        @Nullable ConsumerDefinition definition,
        @Nullable CreationHook creationHook) {

    static PullTarget existing(ConsumerRef ref) {
        return new PullTarget(ref, null, null);
    }

    /** Gives a consumer without acks a unique name: if subscriptions shared it, each would miss messages. */
    static PullTarget created(ConsumerDefinition definition) {
        ConsumerDefinition own =
                definition.ackMode() == AckMode.NONE ? definition.named(NUID.nextGlobal()) : definition;
        return new PullTarget(own.ref(), own, null);
    }

    PullTarget calling(CreationHook hook) {
        return new PullTarget(ref, definition, hook);
    }

    /** Returns whether the consumer has no acks, so that messages lost in transit are recovered by recreating it. */
    boolean ordered() {
        return definition != null && definition.ackMode() == AckMode.NONE;
    }
}
