package dev.sluice.stream.object;

import java.util.Optional;

/**
 * What a link leads to.
 *
 * @param store name of the store, as the writer of the link gave it
 * @param object name of the object; empty for a link to the store itself
 */
public record ObjectLink(String store, Optional<String> object) {}
