/**
 * Object stores (ADR-20): objects of any size in chunks, based on stored publishing and pulling.
 *
 * <ul>
 *   <li>Stores: {@code ObjectStoreCatalog} lists, inspects, creates and changes them ({@code ObjectStoreInfo}, {@code
 *       ObjectStoreSettings}).
 *   <li>Objects: {@code ObjectStores} writes, describes and deletes them, {@code ObjectListing} lists them. {@code ObjectInfo} is
 *       the metadata of one, {@code ObjectLink} what it leads to if it is a link.
 *   <li>Upload: {@code Chunks} are its chunks on their way into the stream. {@code ContentCheck} is what its sender has announced.
 *   <li>Download: {@code ObjectReader} reads the chunks. {@code DownloadProgress} is its position and whether it continues, {@code
 *       DownloadWindow} how much of it is on its way, {@code DigestCheck} compares the whole with its digest.
 *   <li>{@code OrphanSweep} removes chunks that belong to no object. {@code ObjectCounters} counts all of this.
 *   <li>Names: {@code ObjectStoreName}, {@code ObjectName}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.object;
