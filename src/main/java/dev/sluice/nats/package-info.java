/** Connections to NATS: subjects, core subscriptions as {@code Multi}, requests as {@code Uni}. */
@org.jspecify.annotations.NullMarked
package dev.sluice.nats;
