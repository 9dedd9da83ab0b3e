/** CloudEvents 1.0: the rules of an event, and how HTTP and NATS carry it. */
@org.jspecify.annotations.NullMarked
package dev.sluice.cloudevents;
