/** JetStream: stored publish, pull as {@code Multi}, topology. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream;
