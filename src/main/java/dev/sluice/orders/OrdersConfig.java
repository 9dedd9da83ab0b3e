package dev.sluice.orders;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;

/** The seed's orders: {@code sluice.orders.*}. */
@ConfigMapping(prefix = "sluice.orders")
public interface OrdersConfig {

    /** Whether there are orders at all: their REST face, streams, bucket and workers. */
    @WithDefault("true")
    boolean enabled();

    /** Which workers this replica runs. All off: it is a gateway only. */
    Workers workers();

    /** The bucket of the orders' states. */
    Status status();

    /** Deliveries of one order before it is dead; the {@code max-deliver} of the consumers. */
    @WithDefault("5")
    @Min(1)
    int attempts();

    /** The pause after the first delivery that failed; it doubles with each. */
    @WithDefault("1s")
    @DurationMin(millis = 1)
    Duration retryPause();

    /** The longest such pause. */
    @WithDefault("5m")
    @DurationMin(millis = 1)
    Duration maxRetryPause();

    /** How long one attempt may take, less than the consumers' ack wait. Policy: it counts as failed. */
    @WithDefault("20s")
    @DurationMin(millis = 1)
    Duration attemptTimeout();

    /** How long the price of a product may take to be told. Policy: the attempt failed. */
    @WithDefault("2s")
    @DurationMin(millis = 1)
    Duration priceTimeout();

    /** How long a stop waits for orders under way to be settled. Policy: what is not settled then is delivered again. */
    @WithDefault("5s")
    @DurationMin(millis = 1)
    Duration settleTimeout();

    /** Orders that one worker processes at once. Policy: back-pressure, no more are pulled. */
    @WithDefault("64")
    @Min(1)
    @Max(1024)
    int concurrency();

    /** Most orders of one batch. */
    @WithDefault("50")
    @Min(1)
    @Max(1000)
    int batch();

    /** How long a batch that is not full waits for more, from its first order on. */
    @WithDefault("2s")
    @DurationMin(millis = 1)
    Duration batchWait();

    /** Switches of the workers. */
    interface Workers {
        /** The member of the queue group {@code workers.orders}: at most once, it counts and logs. */
        @WithDefault("true")
        boolean queueGroup();

        /** The worker on the consumer {@code order-processor}. */
        @WithDefault("true")
        boolean processor();

        /** The worker on the consumer {@code order-batch-processor}. */
        @WithDefault("true")
        boolean batchProcessor();

        /** The worker that buries orders whose worker died on their last delivery. */
        @WithDefault("true")
        boolean undertaker();
    }

    /** The bucket of the orders' states. */
    interface Status {
        /** Its name. */
        @WithDefault("ORDER_STATUS")
        String bucket();

        /** States of one order that are kept: what a watcher that comes back still sees. */
        @WithDefault("8")
        @Min(1)
        @Max(64)
        int history();

        /** How long a state is kept; no less than the orders, or an order could be processed twice. */
        @WithDefault("30d")
        Duration maxAge();

        /** On how many servers; 3 in a cluster. */
        @WithDefault("1")
        @Min(1)
        @Max(5)
        int replicas();
    }
}
