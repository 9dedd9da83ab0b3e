/** The seed's request and reply: prices in a key-value bucket, looked up over {@code pricing.lookup}, set over REST. */
@org.jspecify.annotations.NullMarked
package dev.sluice.pricing;
