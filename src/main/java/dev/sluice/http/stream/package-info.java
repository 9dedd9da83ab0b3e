/** Streams, their consumers and their messages: definitions, views, and pages. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.stream;
