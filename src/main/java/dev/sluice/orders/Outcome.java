package dev.sluice.orders;

import java.time.Duration;

/** What came of one attempt to process an order. */
public sealed interface Outcome {

    /**
     * It is done.
     *
     * @param priceChecked whether the price of its product was asked and covered
     */
    record Done(boolean priceChecked) implements Outcome {}

    /**
     * Not now.
     *
     * @param pause not before that; the worker's own pause grows with the deliveries and may be longer
     */
    record RetryAfter(Duration pause, String reason) implements Outcome {}

    /** Never: trying again would change nothing. */
    record Reject(String reason) implements Outcome {}
}
