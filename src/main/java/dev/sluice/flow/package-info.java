/** Reactive Streams machinery: bounded queues with a named overflow policy, windows of work in flight. */
@org.jspecify.annotations.NullMarked
package dev.sluice.flow;
