/** Who may do what. */
@org.jspecify.annotations.NullMarked
package dev.sluice.access;
