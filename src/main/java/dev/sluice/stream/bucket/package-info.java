/** Key-value buckets (ADR-8), on top of stored publishing and pulling. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.bucket;
