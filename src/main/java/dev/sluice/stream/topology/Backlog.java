package dev.sluice.stream.topology;

/**
 * What a consumer still has to do, as the server counts it. {@link Double#NaN} as long as that is not known.
 *
 * @param pending messages that were not delivered yet
 * @param unacknowledged messages that were delivered and not settled yet
 * @param redelivered those of them that were delivered more than once
 */
public record Backlog(double pending, double unacknowledged, double redelivered) {
    static final Backlog UNKNOWN = new Backlog(Double.NaN, Double.NaN, Double.NaN);
}
