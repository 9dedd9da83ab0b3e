/** Sluice, a service that puts NATS on the web, and its main class. */
@org.jspecify.annotations.NullMarked
package dev.sluice;
