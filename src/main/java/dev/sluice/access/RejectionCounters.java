package dev.sluice.access;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ResponseEnd;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

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

    private final Map<Reason, LongAdder> counts = new EnumMap<>(Reason.class);
    private final Map<AccessLimit, LongAdder> reached = new EnumMap<>(AccessLimit.class);

    RejectionCounters() {
        for (Reason reason : Reason.values()) {
            counts.put(reason, new LongAdder());
        }
        for (AccessLimit limit : AccessLimit.values()) {
            reached.put(limit, new LongAdder());
        }
    }

    /** Returns the number of requests rejected for {@code reason}. */
    public long count(Reason reason) {
        return counter(reason).sum();
    }

    /** Returns how often {@code limit} caused a rejection. */
    public long count(AccessLimit limit) {
        return Objects.requireNonNull(reached.get(limit)).sum();
    }

    /** Counts a rejection by {@code limit} and returns its exception. */
    SluiceException reached(AccessLimit limit, String rule) {
        Objects.requireNonNull(reached.get(limit)).increment();
        return limit.reached(rule);
    }

    void countAtTheEndOf(RoutingContext request) {
        ResponseEnd.whenEnded(request, complete -> {
            int status = request.response().getStatusCode();
            for (Reason reason : Reason.values()) {
                if (reason.status == status) {
                    counter(reason).increment();
                }
            }
        });
    }

    private LongAdder counter(Reason reason) {
        return Objects.requireNonNull(counts.get(reason));
    }
}
