/** Reactive Streams building blocks: bounded buffers with an overflow policy, windows of work in flight. */
@org.jspecify.annotations.NullMarked
package dev.sluice.flow;
