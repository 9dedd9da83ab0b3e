package dev.sluice.stream.topology;

/**
 * The backlog of a consumer as reported by the server. All values are {@link Double#NaN} while it is unknown.
 *
 * @param pending messages not delivered yet
 * @param unacknowledged messages delivered and not settled yet
 * @param redelivered unacknowledged messages delivered more than once
 */
public record Backlog(double pending, double unacknowledged, double redelivered) {
    static final Backlog UNKNOWN = new Backlog(Double.NaN, Double.NaN, Double.NaN);
}
