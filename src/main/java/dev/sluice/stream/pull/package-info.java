/**
 * Consuming from JetStream: pull consumers driven by demand and push consumers with flow control, as a {@code Multi} of
 * deliveries that are settled individually.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.pull;
