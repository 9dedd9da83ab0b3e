package dev.sluice.stream;

import org.jspecify.annotations.Nullable;

/**
 * The consumer that a subscription pulls from.
 *
 * @param definition how to create it when it is missing or deleted; null makes that a failure
 */
record PullTarget(ConsumerRef ref, @Nullable ConsumerDefinition definition) {

    /** Whether what was lost on the way is made up for by starting again, since no ack asks for it. */
    boolean ordered() {
        return definition != null && definition.ackMode() == AckMode.NONE;
    }
}
