/**
 * Authentication, permissions and limits. Every request under {@code /v1} passes {@code AuthenticationHandler} first:
 *
 * <ul>
 *   <li>Caller: {@code Caller} is who has sent the request, with permissions and quota. {@code CallerFactory} makes it from a
 *       token or a session that Quarkus OIDC has verified.
 *   <li>Permissions: a {@code Grant} allows or denies patterns ({@code SubjectPatternSet}) for a {@code Verb}. Grants come from
 *       {@code Roles} and from the claim of a token ({@code PermissionsClaim}); {@code Permissions} has those of one caller.
 *   <li>Issuers: {@code OidcTenants} are those of the configuration. {@code IntrospectionCache} and {@code IssuerRequests}
 *       limit what tokens that somebody made up make Sluice ask of them.
 *   <li>Sessions of the console: {@code SignIn}, {@code SessionCookies}, {@code Session}; {@code Sessions} has their renewals,
 *       and their ends ({@code SessionEnd}). {@code OriginPolicy} rejects requests of other sites.
 *   <li>Sluice's own tokens: {@code Tickets} open a tail with the {@code Identity} of their caller, {@code AckTokens} name a
 *       delivery. {@code HmacSigner} signs them, with a key of the {@code TokenSecret}.
 *   <li>Limits: {@code RequestLimiter} has those of the instance and the {@code CallerQuota} of each caller ({@code ByteBudget},
 *       {@code FilterBudget}). {@code OpenRequest} is what one request has taken of them, {@code AccessLimit} names them,
 *       {@code RejectionCounters} counts.
 *   <li>Connections of clients: {@code IdleTimeout} and {@code RequestHeaderTimeout}, both notified by {@code
 *       ConnectionTimeouts}; {@code ClientCertificates}, {@code UpgradeFilter}.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.access;
