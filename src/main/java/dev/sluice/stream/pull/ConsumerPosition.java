package dev.sluice.stream.pull;

/**
 * Where a consumer begins, just after it was created.
 *
 * @param position the sequence behind which it begins
 * @param pending how many messages it has to deliver now
 * @param consumer its name
 */
public record ConsumerPosition(long position, long pending, String consumer) {}
