/** Messages in HTTP: which request headers become message headers, and how a stored message becomes a response. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.message;
