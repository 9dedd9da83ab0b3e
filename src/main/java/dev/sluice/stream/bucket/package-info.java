/**
 * Key-value buckets (ADR-8), based on stored publishing and pulling.
 *
 * <ul>
 *   <li>Buckets that Sluice itself declares and keeps: {@code Buckets} opens one by its {@code BucketDefinition}, {@code
 *       BucketDeclaration} creates and updates its stream.
 *   <li>Buckets of any client: {@code BucketCatalog} lists, inspects, creates, changes and opens them ({@code BucketInfo}, {@code
 *       BucketSettings}).
 *   <li>Keys: a {@code Bucket} of either kind reads, writes and watches them. {@code BucketReads} reads a {@code BucketEntry},
 *       {@code KeyListing} lists the keys. {@code BucketPresence} is what a bucket knows about the existence of its stream.
 *   <li>Names: {@code BucketName}, {@code BucketKey}, {@code KeyPattern}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.bucket;
