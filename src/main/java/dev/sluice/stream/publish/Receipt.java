package dev.sluice.stream.publish;

/**
 * A stream's word that it has stored a message.
 *
 * @param sequence where in the stream; of the first copy, if this was a {@code duplicate}
 * @param duplicate whether the message id was known, so that nothing was stored this time
 */
public record Receipt(String stream, long sequence, boolean duplicate) {}
