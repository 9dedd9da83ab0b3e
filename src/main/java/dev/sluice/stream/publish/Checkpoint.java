package dev.sluice.stream.publish;

import java.util.OptionalLong;

/**
 * Confirmation that the first {@code messages} of an ingest are stored, so that the source can discard them. Each
 * checkpoint includes the earlier ones.
 *
 * @param sequence stream sequence of the last of them, if the server reported it: at the end of a batch and for
 *     messages that were sent one by one, but not within a batch
 */
public record Checkpoint(String stream, long messages, OptionalLong sequence) {}
