package dev.sluice.orders;

import io.smallrye.mutiny.Uni;

/**
 * What an order means to the business: the place for one's own code. It is called again for an order whose outcome got
 * lost, so its effects have to bear that. One that throws, fails or takes too long costs its order one delivery.
 */
@FunctionalInterface
public interface OrderHandler {
    Uni<Outcome> handle(Order order);
}
