/** Health, metrics and log shipping: what the person who runs Sluice sees. */
@org.jspecify.annotations.NullMarked
package dev.sluice.ops;
