/** Health checks, metrics, log shipping and graceful shutdown. */
@org.jspecify.annotations.NullMarked
package dev.sluice.ops;
