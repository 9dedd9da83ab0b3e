package dev.sluice.events;

/** Why the server ends a tail; the client reads it in the {@code closed} event. */
public enum CloseReason {
    /** It has lived long enough; reconnecting spreads the load over the instances. */
    LIFETIME,
    /** This instance stops; another one takes over. */
    SHUTDOWN,
    /** Who opened it is not let in any longer; reconnecting with the same identity is in vain. */
    FORBIDDEN
}
