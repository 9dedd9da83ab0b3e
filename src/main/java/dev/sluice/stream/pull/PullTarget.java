package dev.sluice.stream.pull;

import dev.sluice.stream.ConsumerRef;
import io.nats.client.NUID;
import org.jspecify.annotations.Nullable;

/**
 * The consumer that a subscription pulls from.
 *
 * @param definition how to create it when it is missing or deleted; null makes that a failure
 * @param checkpoint passed once it was created; with one it is created once, and whatever interrupts it is a failure
 */
record PullTarget(
        ConsumerRef ref,
        @Nullable ConsumerDefinition definition,
        @Nullable CreationHook checkpoint) {

    static PullTarget existing(ConsumerRef ref) {
        return new PullTarget(ref, null, null);
    }

    /** A consumer without acks gets a name of its own: shared, each of its users would find messages missing. */
    static PullTarget created(ConsumerDefinition definition) {
        ConsumerDefinition own =
                definition.ackMode() == AckMode.NONE ? definition.named(NUID.nextGlobal()) : definition;
        return new PullTarget(own.ref(), own, null);
    }

    PullTarget passing(CreationHook someCheckpoint) {
        return new PullTarget(ref, definition, someCheckpoint);
    }

    /** Whether what was lost on the way is made up for by starting again, since no ack asks for it. */
    boolean ordered() {
        return definition != null && definition.ackMode() == AckMode.NONE;
    }
}
