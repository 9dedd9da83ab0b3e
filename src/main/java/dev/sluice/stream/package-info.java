/** The JetStream types shared by the subpackages: names, definitions, and the API client. */
@org.jspecify.annotations.NullMarked
package dev.sluice.stream;
