/** Reading a stream in stored order: resolves a start position, reads history in pages, then follows the end. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.replay;
