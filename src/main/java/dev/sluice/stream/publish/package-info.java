/**
 * Stored publishing: each message is sent until a stream has acknowledged it, within limits on the messages and bytes
 * in flight.
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.publish;
