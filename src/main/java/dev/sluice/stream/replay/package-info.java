/** Reading a stream as it was stored: where to begin, page by page through history, then along with its end. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.replay;
