/** The streams and consumers that have to exist, kept as they are declared in the configuration. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.topology;
