package dev.sluice.nats;

import io.nats.client.Connection;

/**
 * Notified of the state changes of a {@link NatsLink}. Called on the link's event thread, in order, never concurrently.
 * Implementations must not block.
 */
public interface LinkListener {

    /**
     * Called when NATS is reachable: for the first time, after an outage (all subscriptions of this connection have
     * been sent again), or through a new connection that replaces a permanently closed one.
     */
    void up(Connection connection);

    /** Called when NATS is unreachable. {@link #up} follows when it is reachable again. */
    void down();

    /** Called when the server denied a publish to {@code subject}. The message was not delivered. */
    default void denied(String subject) {}

    /** Called when the server denied or revoked a subscription. No messages arrive on it. */
    default void subscriptionDenied(DeniedSubscription denial) {}

    /**
     * Called when a recently sent subscription exceeds the limit of the connection or the account. The server does not
     * report which one.
     */
    default void tooManySubscriptions() {}
}
