/**
 * Buckets with their keys, and object stores with their objects. Both use conditional requests with entity tags.
 *
 * <ul>
 *   <li>Buckets: {@code BucketResource} manages them, {@code KeysResource} lists keys, {@code KeyRoute} reads and writes one.
 *       {@code BucketView} and {@code EntryView} are their JSON.
 *   <li>Object stores: {@code ObjectStoreResource} manages them, {@code ObjectsResource} lists objects, {@code ObjectRoute}
 *       serves one ({@code ObjectPath}): {@code ObjectUpload} reads {@code UploadedChunks}, {@code ObjectDownload} writes the
 *       whole or a {@code ByteRange}. {@code ObjectStoreView} and {@code ObjectView} are their JSON.
 *   <li>Conditions: {@code Preconditions} checks those of a request, with its {@code EntityTags}. {@code DigestClaims} are the
 *       digests that the sender of a body announces.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.state;
