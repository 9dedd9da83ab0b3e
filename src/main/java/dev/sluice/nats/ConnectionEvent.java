package dev.sluice.nats;

/** What can happen to a connection to NATS; each is counted by {@link ConnectionEvents}. */
public enum ConnectionEvent {
    /** A new connection was accepted, for the first time or in place of one that was closed. */
    CONNECTED,
    /** A connection that worked was lost. */
    DISCONNECTED,
    /** Nothing came from the server any more, or it took nothing: the connection was given up, and counts as lost too. */
    PEER_GONE,
    /** A lost connection works again, its subscriptions included. */
    RECONNECTED,
    /** One attempt to reach the servers failed. */
    ATTEMPT_FAILED,
    /** The server said why it does not let us in: a wrong secret, too many connections. */
    REFUSED,
    /** A connection ended for good: the server refused us twice, or we closed it. */
    CLOSED,
    /** The bound on reconnects was reached; the link stays down. */
    GAVE_UP,
    /** The server announced that it is about to stop. */
    LAME_DUCK,
    /** jnats dropped messages because one of its own queues was full. */
    SLOW_CONSUMER,
    /** jnats dropped a message that was to be published, because its queue was full. */
    DISCARDED,
    /** The server sent what jnats does not understand, which ended its reader; the connection was renewed. */
    READER_FAILED,
    /** The server did not let our own user publish or subscribe to a subject. */
    DENIED,
    /** The server or jnats reported an error that belongs to none of the others. */
    ERROR
}
