package dev.sluice.stream.replay;

/** What a page holds at most; the message that exceeds {@code bytes} is its last. */
public record PageSize(int messages, long bytes) {}
