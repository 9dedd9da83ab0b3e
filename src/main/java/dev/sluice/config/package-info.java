/** The bounds of configuration values. Depends on SmallRye Config only. */
@org.jspecify.annotations.NullMarked
package dev.sluice.config;
