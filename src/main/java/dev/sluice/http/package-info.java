/** The REST face: resources, problem details, limits. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http;
