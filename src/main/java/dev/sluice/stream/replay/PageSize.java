package dev.sluice.stream.replay;

/** Limits of a page. The message that reaches {@code bytes} is its last one. */
public record PageSize(int messages, long bytes) {}
