package dev.sluice.events;

import dev.sluice.failure.Failure;

/** Reason why the server closes a tail; the client receives it in the {@code closed} event. */
public enum CloseReason {
    /** The tail has reached its lifetime, or must reconnect. Reconnects spread the load over the instances. */
    LIFETIME,
    /** This instance is shutting down; another one takes over. */
    SHUTDOWN,
    /** The caller is not authorized any more, or NATS denies Sluice's own user. Reconnecting does not help. */
    FORBIDDEN;

    /**
     * Returns the reason for a feed that ended in {@code failure}. Only {@code FORBIDDEN} is reported as such; a client
     * that reconnects receives any other rejection as a status.
     */
    static CloseReason after(Throwable failure) {
        boolean forbidden = Failure.FORBIDDEN.matches(failure);
        return forbidden ? FORBIDDEN : LIFETIME;
    }
}
