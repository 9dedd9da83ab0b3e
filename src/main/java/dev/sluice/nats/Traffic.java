package dev.sluice.nats;

/**
 * What has moved on a connection so far.
 *
 * @param reads how many reads brought something
 * @param unread whether something has arrived that was not read yet
 * @param writes how many writes the socket has taken whole
 * @param writing whether one more is under way
 * @param securing whether a TLS handshake is under way, whose bytes are not counted
 */
record Traffic(long reads, boolean unread, long writes, boolean writing, boolean securing) {}
