package dev.sluice.orders;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** Registers the meters of the orders. They are in this package so that they can be deleted with it. */
@Singleton
final class OrderMeters implements MeterBinder {
    private static final List<OrderStatus> SETTLED =
            List.of(OrderStatus.PROCESSED, OrderStatus.REJECTED, OrderStatus.DEAD);

    private final OrderProcessing processing;
    private final OrderWorkers workers;
    private final DeadLetters deadLetters;

    @Inject
    OrderMeters(OrderProcessing processing, OrderWorkers workers, DeadLetters deadLetters) {
        this.workers = workers;
        this.processing = processing;
        this.deadLetters = deadLetters;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (OrderStatus status : SETTLED) {
            FunctionCounter.builder("sluice.orders.settled", processing, it -> it.settled(status))
                    .tag("status", status.wireName())
                    .description("Deliveries that settled an order")
                    .register(registry);
        }
        FunctionCounter.builder("sluice.orders.retried", processing, OrderProcessing::retried)
                .description("Deliveries after which an order was to be tried again")
                .register(registry);
        FunctionCounter.builder("sluice.orders.held", processing, OrderProcessing::held)
                .description(
                        "Attempts that failed because JetStream or a service of the handler was unavailable; the order is held")
                .register(registry);
        Gauge.builder("sluice.orders.in.flight", workers, OrderWorkers::inFlight)
                .description("Deliveries that are being settled")
                .register(registry);
        FunctionCounter.builder("sluice.dead.letters", deadLetters, DeadLetters::stored)
                .description("Messages that this instance stored as dead letters")
                .register(registry);
    }
}
