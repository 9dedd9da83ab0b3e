package dev.sluice.nats;

import io.nats.client.Connection;

/**
 * Told when a {@link NatsLink} can be used and when not. Called on the link's own event thread, in order, never
 * concurrently; an implementation must not block.
 */
public interface LinkListener {

    /**
     * NATS can be reached: for the first time, again after an outage (all subscriptions of this connection have been
     * sent anew), or through a new connection that replaces one that was closed for good.
     */
    void up(Connection connection);

    /** NATS cannot be reached; {@link #up} follows when it can be again. */
    void down();

    /** The server did not let us publish to {@code subject}, just now: nobody got the message. */
    default void denied(String subject) {}

    /** The server does not let us subscribe to something, or does not any more: nothing comes there. */
    default void subscriptionDenied(DeniedSubscription denial) {}

    /** A subscription that was just sent is one too many for the connection or the account; the server does not say which. */
    default void tooManySubscriptions() {}
}
