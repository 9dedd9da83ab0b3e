/** Consuming: a JetStream consumer, pulled on demand or pushed with flow control, as a {@code Multi} of deliveries that are settled one by one. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.pull;
