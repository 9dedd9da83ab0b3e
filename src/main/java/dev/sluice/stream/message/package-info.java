/** Reads and deletes single stored messages by sequence, without a consumer. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.message;
