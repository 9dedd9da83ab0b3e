/** A nats-server child process for development, tests and the first run. */
@org.jspecify.annotations.NullMarked
package dev.sluice.embedded;
