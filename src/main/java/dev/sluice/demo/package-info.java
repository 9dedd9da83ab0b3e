/** Made-up messages for a first look at the console. A production build does not contain them. */
@org.jspecify.annotations.NullMarked
package dev.sluice.demo;
