/** Single messages of a stream, read and deleted by their sequence without a consumer. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.message;
