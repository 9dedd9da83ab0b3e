package dev.sluice.orders;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the orders: {@code sluice.orders.*}. */
@ConfigMapping(prefix = "sluice.orders")
public interface OrdersConfig {

    /** Whether orders are enabled: their REST API, streams, bucket and workers. */
    @WithDefault("true")
    boolean enabled();

    /** Workers of this instance. If all are disabled, the instance is only a gateway. */
    Workers workers();

    /** Bucket of the order states. */
    Status status();

    /** Maximum deliveries of one order; the {@code max-deliver} of the consumers. Policy: the order is dead. */
    @WithDefault("5")
    @AtLeast("1")
    int attempts();

    /** Delay after the first failed delivery. Doubles with each further failed delivery. */
    @WithDefault("1s")
    @AtLeast("1ms")
    Duration retryPause();

    /** Upper limit of the growing delay after a failed delivery. */
    @WithDefault("5m")
    @AtLeast("1ms")
    Duration maxRetryPause();

    /** Timeout of one attempt, less than the ack wait of the consumers. Policy: the attempt counts as failed. */
    @WithDefault("20s")
    @AtLeast("1ms")
    Duration attemptTimeout();

    /**
     * Maximum time that a worker holds an order while JetStream or a service of the handler is unavailable. A held order is
     * kept in progress, whatever {@code sluice.pull.keep-in-progress}. Policy: the delivery counts as failed.
     */
    @WithDefault("2m")
    @AtLeast("1ms")
    Duration holdTimeout();

    /** Timeout of the price request. Policy: the attempt fails. */
    @WithDefault("2s")
    @AtLeast("1ms")
    Duration priceTimeout();

    /** Time that a shutdown waits for orders in progress. Policy: unsettled orders are redelivered. */
    @WithDefault("5s")
    @AtLeast("1ms")
    Duration settleTimeout();

    /** Maximum concurrent orders of one worker. Policy: back-pressure, no more orders are pulled. */
    @WithDefault("64")
    @AtLeast("1")
    @AtMost("1024")
    int concurrency();

    /** Maximum number of orders in one batch. */
    @WithDefault("50")
    @AtLeast("1")
    @AtMost("1000")
    int batch();

    /** Maximum time that an incomplete batch waits for more orders, from its first order. */
    @WithDefault("2s")
    @AtLeast("1ms")
    Duration batchWait();

    /** Enables the workers individually. */
    interface Workers {
        /** Member of the queue group {@code workers.orders}: at most once, counts and logs orders. */
        @WithDefault("true")
        boolean queueGroup();

        /** Worker on the consumer {@code order-processor}. */
        @WithDefault("true")
        boolean processor();

        /** Worker on the consumer {@code order-batch-processor}. */
        @WithDefault("true")
        boolean batchProcessor();

        /** Worker that stores orders as dead letters if their worker died during the last delivery. */
        @WithDefault("true")
        boolean undertaker();
    }

    /** Bucket of the order states. */
    interface Status {
        /** Name of the bucket. */
        @WithDefault("ORDER_STATUS")
        String bucket();

        /**
         * Number of states kept per order. A watcher that reconnects can still receive them. An existing bucket keeps a
         * higher one.
         */
        @WithDefault("8")
        @AtLeast("1")
        @AtMost("64")
        int history();

        /**
         * Retention time of a state. Not less than that of the orders, or an order could be processed twice. An existing
         * bucket keeps a longer one.
         */
        @WithDefault("30d")
        Duration maxAge();

        /** Number of replicas of the bucket; 3 in a cluster. */
        @WithDefault("1")
        @AtLeast("1")
        @AtMost("5")
        int replicas();
    }
}
