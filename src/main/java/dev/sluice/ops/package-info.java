/**
 * What operators need: health checks, metrics, log shipping and graceful shutdown.
 *
 * <ul>
 *   <li>Health: {@code LivenessCheck}, {@code ReadinessCheck}.
 *   <li>Metrics: the {@code *Meters} register the counters of other packages, by {@code MeterBinding}; those packages do not
 *       depend on a metrics library. {@code LimitMeters} does so for all limits. {@code HttpMeters} measures requests with {@code
 *       LatencyTimers}. {@code FrameworkMeters}, {@code VertxMeters} and {@code ScrapeFormat} adapt what the frameworks
 *       provide.
 *   <li>Logs: {@code LogShipping} publishes Sluice's own log through {@code LogShipper}. {@code ServiceEvents} logs what services
 *       publish about themselves. {@code DroppedFailures} logs failures that no subscriber receives.
 *   <li>Shutdown: {@code Shutdown} stops the parts in order, {@code ClientConnections} the connections of clients.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.sluice.ops;
