/** Server-sent events: the frame encoder, the fan-out from one subscription to many sockets, history. */
@org.jspecify.annotations.NullMarked
package dev.sluice.events;
