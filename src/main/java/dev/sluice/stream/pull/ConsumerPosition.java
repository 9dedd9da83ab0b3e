package dev.sluice.stream.pull;

/**
 * The start position of a consumer, immediately after its creation.
 *
 * @param position stream sequence after which the consumer starts
 * @param pending number of messages that the consumer has to deliver now
 * @param consumer name of the consumer
 */
public record ConsumerPosition(long position, long pending, String consumer) {}
