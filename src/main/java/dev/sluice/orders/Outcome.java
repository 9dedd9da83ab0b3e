package dev.sluice.orders;

import java.time.Duration;

/** The outcome of one attempt to process an order. */
public sealed interface Outcome {

    /**
     * The order is processed.
     *
     * @param priceChecked whether the price of the product was requested and is covered by the amount
     */
    record Done(boolean priceChecked) implements Outcome {}

    /**
     * The order is retried later.
     *
     * @param pause minimum delay; the worker's own delay grows with the number of deliveries and may be longer
     */
    record RetryAfter(Duration pause, String reason) implements Outcome {}

    /** The order is rejected permanently: a retry would have the same result. */
    record Reject(String reason) implements Outcome {}
}
