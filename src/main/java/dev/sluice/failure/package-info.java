/** Every way Sluice fails: one enum, one exception. Knows the JDK only. */
@org.jspecify.annotations.NullMarked
package dev.sluice.failure;
