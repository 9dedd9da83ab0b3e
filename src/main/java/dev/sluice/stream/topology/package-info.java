/** Declared streams and consumers: created and updated to match the configuration. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.topology;
