/** Server-sent events: the frame encoder and the fan-out from one subscription to many sockets. */
@org.jspecify.annotations.NullMarked
package dev.sluice.events;
