/** Pulls from consumers: fetches, and the acknowledgements of what they delivered. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.pull;
