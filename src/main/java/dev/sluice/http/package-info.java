/**
 * The HTTP server, and what all its endpoints share. The endpoints are in the subpackages.
 *
 * <ul>
 *   <li>Head of a request: {@code RequestHeadValidator}, {@code RequestHeadLimit}; {@code AcceptHeader}, {@code AcceptFilter} and
 *       {@code PreconditionFilter} for its headers; {@code QueryParameters} and {@code UnknownParameters} for its query.
 *   <li>Paths: {@code PathTemplate}, {@code DeclaredPaths}, {@code RouteOrder}.
 *   <li>Text of values: {@code JsonText}, {@code StrictJson}, {@code DurationText}, {@code NatsTime}.
 *   <li>Responses: {@code SecurityHeaders}, {@code UntrustedContent}, {@code PutResponse}, {@code CloseDelimited}, {@code
 *       SendBuffer}.
 *   <li>Endpoints of no other package: {@code Assets} serves the console, {@code OpenApiRoute} the contract, {@code
 *       PermissionsResource} the caller's permissions, {@code TicketResource} tickets.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.http;
