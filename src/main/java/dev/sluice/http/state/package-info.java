/** Buckets with their keys, and object stores with their objects. Both use conditional requests with entity tags. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.state;
