package dev.sluice.nats;

import java.time.Duration;

/**
 * When a request with several replies ends (ADR-47).
 *
 * @param max maximum number of replies
 * @param stall maximum time between two replies; at least {@code timeout} for no limit
 * @param timeout maximum time for all replies, more than zero
 */
public record ReplyLimits(long max, Duration stall, Duration timeout) {}
