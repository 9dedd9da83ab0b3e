package dev.sluice.stream.pull;

import java.time.Duration;

/**
 * What one fetch asks of a consumer; everything is positive.
 *
 * @param batch messages at most
 * @param maxBytes bytes at most, as the server counts them: subject, reply subject, headers and payload
 * @param expires how long to wait for the batch to fill
 * @param waits whether to wait at all; if not, {@code expires} only bounds how long the server may take to say that
 *     nothing is there, which it never does while the consumer waits for acks
 */
public record FetchRequest(int batch, long maxBytes, Duration expires, boolean waits) {}
