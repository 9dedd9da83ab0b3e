/** Object stores (ADR-20): objects of any size in chunks, based on stored publishing and pulling. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream.object;
