/** Request/reply, an example: prices in a key-value bucket, read over {@code pricing.lookup} and set over REST. */
@org.jspecify.annotations.NullMarked
package dev.sluice.pricing;
