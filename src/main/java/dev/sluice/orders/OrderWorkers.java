package dev.sluice.orders;

import dev.sluice.flow.Backoff;
import dev.sluice.flow.Batches;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.PullOptions;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.topology.Topology;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Runs the workers that are enabled on this instance. They begin when the streams are declared and the order states exist.
 * Each worker pulls no more orders than it processes, and subscribes again after a failure. A shutdown stops the pulls,
 * returns the orders that are not begun, and waits until the orders in progress are settled.
 */
@Singleton
public final class OrderWorkers implements AutoCloseable {
    static final ConsumerRef PROCESSOR = new ConsumerRef(OrderIntake.STREAM, "order-processor");
    static final ConsumerRef BATCH_PROCESSOR = new ConsumerRef(OrderIntake.STREAM, "order-batch-processor");
    static final ConsumerRef UNDERTAKER = new ConsumerRef("ORDERS_EXHAUSTED", "order-undertaker");

    private static final Logger LOG = Logger.getLogger(OrderWorkers.class);
    private static final Duration DECLARATION_POLL = Duration.ofMillis(50);
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));
    private static final int DEAD_LETTERS_AT_ONCE = 4;
    private static final long PREFETCH_BYTES = 8 << 20;

    private final OrdersConfig config;
    private final Topology topology;
    private final PullSubscriptions pulls;
    private final OrderStates states;
    private final OrderProcessing processing;
    private final OrderNotifications notifications;
    private final ExhaustedOrderWorker exhaustedOrderWorker;
    private final List<Cancellable> running = new CopyOnWriteArrayList<>();
    private final InFlightOrders orders = new InFlightOrders();

    @Inject
    public OrderWorkers(
            OrdersConfig config,
            Topology topology,
            PullSubscriptions pulls,
            OrderStates states,
            OrderProcessing processing,
            OrderNotifications notifications,
            ExhaustedOrderWorker exhaustedOrderWorker) {
        this.config = config;
        this.topology = topology;
        this.pulls = pulls;
        this.states = states;
        this.processing = processing;
        this.notifications = notifications;
        this.exhaustedOrderWorker = exhaustedOrderWorker;
    }

    void start(@Observes StartupEvent event) {
        start();
    }

    /** Runs before the shutdown refuses publishes, because the orders in progress still publish. */
    void stop(@Observes @Priority(1) ShutdownDelayInitiatedEvent event) {
        stop();
    }

    /** Blocks the shutdown thread on purpose. Orders not settled within the settle timeout are redelivered. */
    void stop() {
        close();
        processing.release();
        if (!orders.awaitEnd(config.settleTimeout())) {
            LOG.warnf("Stopping without waiting longer for %d orders: they will be redelivered", inFlight());
        }
    }

    /** Returns the number of deliveries in progress. */
    int inFlight() {
        return orders.count();
    }

    void start() {
        if (!config.enabled()) {
            return;
        }
        states.open();
        OrdersConfig.Workers workers = config.workers();
        if (workers.queueGroup()) {
            running.add(notifications.join(SubscriptionObserver.NONE));
        }
        if (workers.processor()) {
            int limit = config.concurrency();
            run(PROCESSOR, limit, deliveries -> each(deliveries, processing::settle, limit));
        }
        if (workers.batchProcessor()) {
            run(BATCH_PROCESSOR, config.batch(), this::batches);
        }
        if (workers.undertaker()) {
            run(
                    UNDERTAKER,
                    DEAD_LETTERS_AT_ONCE,
                    deliveries -> each(deliveries, exhaustedOrderWorker::settle, DEAD_LETTERS_AT_ONCE));
        }
    }

    @Override
    @PreDestroy
    public void close() {
        running.forEach(Cancellable::cancel);
        running.clear();
    }

    private void run(ConsumerRef consumer, int prefetch, Function<Multi<Delivery>, Multi<?>> work) {
        // A delivery may wait for one that is held before it is held itself.
        PullOptions options = pulls.options()
                .withPrefetch(prefetch, PREFETCH_BYTES)
                .withKeepInProgress(config.holdTimeout().multipliedBy(2));
        Multi<Delivery> deliveries =
                declared().stage(FlatMapMany.flatMapMany(declared -> pulls.pull(consumer, options)));
        running.add(PAUSES.resubscribed(work.apply(deliveries)
                        .onFailure()
                        .invoke(failure -> LOG.infof("The worker on %s pauses: %s", consumer, failure.getMessage())))
                .subscribe()
                .with(settled -> {}, failure -> LOG.errorf(failure, "The worker on %s ended", consumer)));
    }

    /** Completes when the consumers were declared once and the bucket of the states is there. */
    private Uni<Boolean> declared() {
        return Uni.createFrom()
                .item(() -> topology.applied() && states.exist())
                .repeat()
                .withDelay(DECLARATION_POLL)
                .until(Boolean::booleanValue)
                .collect()
                .last();
    }

    /** Emits the settled batches. */
    private Multi<?> batches(Multi<Delivery> deliveries) {
        return new Batches<>(deliveries, config.batch(), config.batchWait(), Delivery::giveBack)
                .invoke(batch -> LOG.debugf("A batch of %d orders", batch.size()))
                .onItem()
                .transformToUniAndConcatenate(this::batch);
    }

    /** Processes a batch. Its cancellation returns the orders that are not begun. */
    private Uni<List<Delivery>> batch(List<Delivery> batch) {
        Set<Delivery> unbegun = ConcurrentHashMap.newKeySet();
        unbegun.addAll(batch);
        return each(
                        Multi.createFrom().iterable(batch).filter(unbegun::remove),
                        processing::settle,
                        config.concurrency())
                .collect()
                .last()
                .replaceWith(batch)
                .onCancellation()
                .invoke(() -> batch.stream().filter(unbegun::remove).forEach(Delivery::giveBack));
    }

    /** Emits the settled deliveries. Memoized, so that cancelling the worker does not cancel the orders in progress. */
    private Multi<Delivery> each(Multi<Delivery> deliveries, Function<Delivery, Uni<Void>> settle, int atOnce) {
        return deliveries
                .onItem()
                .transformToUni(delivery -> orders.counted(settle.apply(delivery))
                        .memoize()
                        .indefinitely()
                        .replaceWith(delivery))
                .merge(atOnce);
    }
}
