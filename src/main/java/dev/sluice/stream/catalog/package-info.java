/** Lists, inspects and manages streams and consumers by name. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.catalog;
