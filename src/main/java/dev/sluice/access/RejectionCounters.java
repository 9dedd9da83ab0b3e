package dev.sluice.access;

import dev.sluice.failure.SluiceException;
import dev.sluice.flow.ResponseEnd;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts the requests that were refused, by why. */
@Singleton
public final class RejectionCounters {
    /** Why a request was refused. */
    public enum Reason {
        /** Nobody knows who asked. */
        UNAUTHENTICATED(401),
        /** Who asked may not do it. */
        FORBIDDEN(403),
        /** A limit was reached. */
        LIMITED(429);

        private final int status;

        Reason(int status) {
            this.status = status;
        }
    }

    private final Map<Reason, LongAdder> counts = new EnumMap<>(Reason.class);
    private final Map<Limit, LongAdder> reached = new EnumMap<>(Limit.class);

    RejectionCounters() {
        for (Reason reason : Reason.values()) {
            counts.put(reason, new LongAdder());
        }
        for (Limit limit : Limit.values()) {
            reached.put(limit, new LongAdder());
        }
    }

    /** How many there were. */
    public long count(Reason reason) {
        return counter(reason).sum();
    }

    /** How often a caller's or the instance's limit was the reason. */
    public long count(Limit limit) {
        return Objects.requireNonNull(reached.get(limit)).sum();
    }

    /** Counts that {@code limit} was reached, and says so. */
    SluiceException reached(Limit limit, String rule) {
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
