package dev.sluice.http;

import dev.sluice.access.AuthenticationHandler;

/** The order of the routes that run right after the authentication. Those that most requests are for come first. */
public final class RouteOrder {
    /** Bulk publishes. Their path is that of other publishes without a subject. */
    public static final int BULK = AuthenticationHandler.ORDER + 1;
    /** All other publishes. */
    public static final int PUBLISH = BULK + 1;
    /** Everything else. */
    public static final int OTHER = PUBLISH + 1;

    private RouteOrder() {}
}
