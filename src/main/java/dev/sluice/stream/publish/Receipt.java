package dev.sluice.stream.publish;

/**
 * Confirmation that a stream has stored a message.
 *
 * @param sequence sequence in the stream; that of the first copy for a {@code duplicate}
 * @param duplicate whether the message id was already known, so that nothing was stored this time
 */
public record Receipt(String stream, long sequence, boolean duplicate) {}
