/** The HTTP API: resources, problem details and limits. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http;
