package dev.sluice.nats;

/** The events of a NATS connection. {@link ConnectionEvents} counts each of them. */
public enum ConnectionEvent {
    /** A new connection was established: the first one, or a replacement of a closed one. */
    CONNECTED,
    /** An established connection was lost. */
    DISCONNECTED,
    /** The server sent nothing or accepted no data for too long. Also counted as {@link #DISCONNECTED}. */
    PEER_GONE,
    /** A lost connection was restored, including its subscriptions. */
    RECONNECTED,
    /** One attempt to connect to the servers failed. */
    ATTEMPT_FAILED,
    /** The server reported why it refuses the connection, for example wrong credentials or too many connections. */
    REFUSED,
    /** A connection was closed permanently: the server refused it twice, or Sluice closed it. */
    CLOSED,
    /** The limit of reconnects was reached. The link stays down. */
    GAVE_UP,
    /** The server announced its shutdown. */
    LAME_DUCK,
    /** jnats dropped received messages because one of its queues was full. */
    SLOW_CONSUMER,
    /** jnats dropped an outgoing message because its queue was full. */
    DISCARDED,
    /** A core subscription could not be ended, because the outgoing queue was full. The server keeps it until a reconnect. */
    NOT_UNSUBSCRIBED,
    /** jnats could not read data of the server and its reader ended. The connection is renewed. */
    READER_FAILED,
    /** A message arrived whose headers jnats cannot read. It is passed on with its headers unchanged. */
    FOREIGN_HEADERS,
    /** The server denied Sluice's own user a publish or a subscription. */
    DENIED,
    /** The server or jnats reported any other error. */
    ERROR
}
