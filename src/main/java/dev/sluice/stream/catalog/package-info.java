/** Which streams and consumers there are, for whoever only knows their names. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.catalog;
