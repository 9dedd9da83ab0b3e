package dev.sluice.access;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.EnumCounters;
import dev.sluice.flow.ResponseEnd;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/** Counts rejected requests by reason. Thread-safe. */
@Singleton
public final class RejectionCounters {
    /** Reason for a rejection. */
    public enum Reason {
        /** The caller is unknown. */
        UNAUTHENTICATED(401),
        /** The caller does not have the permission. */
        FORBIDDEN(403),
        /** A limit was reached. */
        LIMITED(429);

        private final int status;

        Reason(int status) {
            this.status = status;
        }
    }

    private final EnumCounters<Reason> counts = new EnumCounters<>(Reason.class);
    private final EnumCounters<AccessLimit> reached = new EnumCounters<>(AccessLimit.class);

    RejectionCounters() {}

    /** Returns the number of requests rejected for {@code reason}. */
    public long count(Reason reason) {
        return counts.count(reason);
    }

    /** Returns how often {@code limit} caused a rejection. */
    public long count(AccessLimit limit) {
        return reached.count(limit);
    }

    /** Counts a rejection by {@code limit} and returns its exception. */
    SluiceException reached(AccessLimit limit, String rule) {
        reached.increment(limit);
        return limit.reached(rule);
    }

    void countAtTheEndOf(RoutingContext request) {
        ResponseEnd.whenEnded(request, complete -> {
            int status = request.response().getStatusCode();
            for (Reason reason : Reason.values()) {
                if (reason.status == status) {
                    counts.increment(reason);
                }
            }
        });
    }
}
