/** The kinds of failure in Sluice and their exception. Depends on the JDK only. */
@org.jspecify.annotations.NullMarked
package dev.sluice.failure;
