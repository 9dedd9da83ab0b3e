/** Authentication, permissions and limits. */
@org.jspecify.annotations.NullMarked
package dev.sluice.access;
