package dev.sluice.stream.publish;

import java.util.OptionalLong;

/**
 * A stream's word on an ingest: its first {@code messages} are stored, so its source may forget them. Each one includes
 * those before it.
 *
 * @param sequence where in the stream the last of them is, where the server tells: at the end of a batch and for
 *     messages that went one by one, not in between
 */
public record Checkpoint(String stream, long messages, OptionalLong sequence) {}
