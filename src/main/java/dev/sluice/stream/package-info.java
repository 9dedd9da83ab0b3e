/** What the parts of JetStream share: names, bounds and requests to its API; each part is a package below. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream;
