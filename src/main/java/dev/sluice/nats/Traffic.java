package dev.sluice.nats;

/**
 * A snapshot of the traffic counters of a connection.
 *
 * @param reads the number of reads that returned data
 * @param unread whether received data waits to be read
 * @param writes the number of completed writes to the socket
 * @param writing whether a further write is in progress
 * @param securing whether a TLS handshake is in progress; its bytes are not counted
 */
record Traffic(long reads, boolean unread, long writes, boolean writing, boolean securing) {}
