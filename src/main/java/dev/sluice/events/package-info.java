/** Server-sent events: frame encoding, fan-out of one subscription to many connections, history. */
@org.jspecify.annotations.NullMarked
package dev.sluice.events;
