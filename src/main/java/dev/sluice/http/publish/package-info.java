/** Publishes: one message, the lines of a bulk publish, an atomic batch, and a batch of CloudEvents. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.publish;
