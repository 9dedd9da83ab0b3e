package dev.sluice.nats;

import java.util.List;
import java.util.Map;

/**
 * A message to be published. The payload is not copied: whoever hands it over no longer changes it.
 *
 * @param headers by name; names and values were checked at the edge
 */
public record OutboundMessage(Subject subject, Map<String, List<String>> headers, byte[] data) {}
