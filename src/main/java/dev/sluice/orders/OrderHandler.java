package dev.sluice.orders;

import io.smallrye.mutiny.Uni;

/**
 * The business logic for an order: the extension point for application code. It is called again for an order whose
 * outcome was lost, so its effects must be idempotent. If it throws, fails or takes too long, the order loses one
 * delivery. If it fails with {@code UNAVAILABLE}, {@code OUTCOME_UNKNOWN} or {@code OVERLOADED}, it is called again within
 * the same delivery, for the hold timeout at most.
 */
@FunctionalInterface
public interface OrderHandler {
    Uni<Outcome> handle(Order order);
}
