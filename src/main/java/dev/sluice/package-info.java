/** Sluice puts NATS on the web. */
@org.jspecify.annotations.NullMarked
package dev.sluice;
