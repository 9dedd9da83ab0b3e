package dev.sluice.nats;

/**
 * A snapshot of the traffic counters of a connection.
 *
 * @param received the number of bytes received; a TLS handshake counts as one byte
 * @param unread whether received data waits to be read
 * @param written the number of bytes that the socket has accepted
 * @param writing whether a further write is in progress
 * @param securing whether a TLS handshake is in progress
 * @param pings the number of pings sent by the link; jnats sends pings of its own on idle connections
 * @param pongs the number of answers to pings
 */
record Traffic(
        long received, boolean unread, long written, boolean writing, boolean securing, long pings, long pongs) {}
