/** Server-sent events: of subjects and streams, of the changes of buckets, and of the changes of object stores. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.tail;
