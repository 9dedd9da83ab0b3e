/** The HTTP server, and what all its endpoints share: paths, parameters, limits of the request head, security headers. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http;
