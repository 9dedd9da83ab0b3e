/** Bodies of requests and responses: how they are read and written as they arrive, and the bounds of the bytes that wait. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.body;
