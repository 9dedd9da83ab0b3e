/** Stored publishing: each message is sent until a stream has acknowledged it, within bounds on messages and bytes in flight. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.publish;
