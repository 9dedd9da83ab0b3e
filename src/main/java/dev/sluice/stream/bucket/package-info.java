/** Key-value buckets (ADR-8), based on stored publishing and pulling. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.bucket;
