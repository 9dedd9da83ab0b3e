package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.flow.EnumCounters;
import dev.sluice.nats.MessageTracing;
import dev.sluice.nats.Trace;
import dev.sluice.stream.pull.Delivery;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/**
 * Processes one delivered order: decodes it, marks it as being processed, calls the handler, stores the outcome, and
 * only then acks. An order that is given up is stored as a dead letter before its delivery is terminated.
 *
 * <p>The handler runs on a worker thread. If it throws or takes too long, the order loses one delivery and is retried. If
 * it fails with {@code UNAVAILABLE}, {@code OUTCOME_UNKNOWN} or {@code OVERLOADED}, the order is held and loses none.
 */
@Singleton
public final class OrderProcessing {
    private static final Logger LOG = Logger.getLogger(OrderProcessing.class);
    private static final Duration MAX_HOLD_PAUSE = Duration.ofSeconds(2);
    private static final Set<Failure> TRANSIENT =
            EnumSet.of(Failure.UNAVAILABLE, Failure.OUTCOME_UNKNOWN, Failure.OVERLOADED);

    private final OrderHandler handler;
    private final OrderStates states;
    private final DeadLetters deadLetters;
    private final OrdersConfig config;
    private final Backoff backoff;
    private final Backoff holds;
    private final MessageTracing tracing;
    private final EnumCounters<OrderStatus> settled = new EnumCounters<>(OrderStatus.class);
    private final LongAdder retried = new LongAdder();
    private final LongAdder held = new LongAdder();
    private volatile boolean releasing;

    @Inject
    public OrderProcessing(
            OrderHandler handler,
            OrderStates states,
            DeadLetters deadLetters,
            OrdersConfig config,
            MessageTracing tracing) {
        this.tracing = tracing;
        this.handler = handler;
        this.states = states;
        this.deadLetters = deadLetters;
        this.config = config;
        this.backoff = new Backoff(config.retryPause(), config.maxRetryPause());
        this.holds = new Backoff(config.retryPause(), MAX_HOLD_PAUSE);
    }

    /**
     * Processes and settles {@code delivery}. Never fails: an order that could not be settled is redelivered. While
     * JetStream or a service of the handler is unavailable the delivery is held, and processing is retried for the hold
     * timeout: an outage must not use up the deliveries of an order.
     */
    Uni<Void> settle(Delivery delivery) {
        return tracing.processing(delivery.stream(), delivery.consumer(), delivery::headers, trace -> holds.retry(
                                settleOnce(delivery, trace), this::mayHold, config.holdTimeout())
                        .onFailure()
                        .recoverWithUni(failure -> failed(delivery, trace, String.valueOf(failure.getMessage()))))
                .replaceWithVoid();
    }

    private Uni<Boolean> settleOnce(Delivery delivery, Trace trace) {
        return Uni.createFrom()
                .deferred(() -> settleDecoded(delivery, trace))
                .onFailure(this::mayHold)
                .invoke(failure -> hold(delivery, failure));
    }

    /** Returns the number of deliveries that settled an order with {@code status}, which no other had settled. */
    public long settled(OrderStatus status) {
        return settled.count(status);
    }

    /** Returns the number of deliveries that ended with a nak, to be redelivered. */
    public long retried() {
        return retried.sum();
    }

    /** Returns the number of attempts that failed and left their order held. */
    public long held() {
        return held.sum();
    }

    /** The server does not redeliver after the last delivery, so the order is given up, if that can be stored. */
    private Uni<Boolean> failed(Delivery delivery, Trace trace, String reason) {
        if (delivery.delivered() < config.attempts()) {
            return Uni.createFrom().item(() -> again(delivery, reason));
        }
        return Uni.createFrom()
                .deferred(() -> giveUp(
                        delivery,
                        trace,
                        OrderJson.decode(delivery.data()),
                        OrderStatus.DEAD,
                        "Failed " + delivery.delivered() + " times, at last: " + reason))
                .onFailure()
                .recoverWithItem(() -> again(delivery, reason));
    }

    private Uni<Boolean> settleDecoded(Delivery delivery, Trace trace) {
        Order order;
        try {
            order = OrderJson.decode(delivery.data());
        } catch (SluiceException notAnOrder) {
            return giveUp(
                    delivery, trace, Optional.empty(), OrderStatus.REJECTED, String.valueOf(notAnOrder.getMessage()));
        }
        return states.change(order.orderId(), state -> begun(order, delivery, state))
                .chain(begun -> goOn(delivery, trace, order, begun.state().orElseThrow()));
    }

    /** Returns the state to write when work on {@code delivery} begins, or empty if there is nothing to write. */
    private static Optional<OrderState> begun(Order order, Delivery delivery, Optional<OrderState> present) {
        OrderMessage message = OrderMessage.of(delivery);
        Optional<OrderState> next = Optional.of(OrderState.processing(order, message, delivery.delivered()));
        if (present.isEmpty()) {
            return next;
        }
        OrderState state = present.get();
        boolean another = !state.isOf(order);
        boolean late = state.supersedes(message);
        boolean known = state.status() == OrderStatus.PROCESSING
                && state.isFrom(message)
                && state.deliveries() >= delivery.delivered();
        boolean over = state.status().settled() && !redriven(delivery, state);
        if (another || late || known || over || !state.status().mayBecome(OrderStatus.PROCESSING)) {
            return Optional.empty();
        }
        return next;
    }

    private static boolean redriven(Delivery delivery, OrderState state) {
        OrderMessage message = OrderMessage.of(delivery);
        return !state.isFrom(message)
                && !state.supersedes(message)
                && delivery.headers().containsKey(DeadLetterHeaders.REDRIVEN);
    }

    private Uni<Boolean> goOn(Delivery delivery, Trace trace, Order order, OrderState state) {
        if (!state.isOf(order)) {
            return giveUp(
                    delivery,
                    trace,
                    Optional.empty(),
                    OrderStatus.REJECTED,
                    "The order_id " + order.orderId() + " belongs to another order");
        }
        if (state.status().settled() || state.settles(order, OrderMessage.of(delivery))) {
            return Uni.createFrom().item(delivery::ack);
        }
        if (delivery.foreignHeaders().isPresent()) {
            return conclude(delivery, trace, order, new Outcome.Reject("Not every NATS client can read its headers"));
        }
        return attempt(order).chain(outcome -> conclude(delivery, trace, order, outcome));
    }

    private Uni<Outcome> attempt(Order order) {
        return Uni.createFrom()
                .deferred(() -> handler.handle(order))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .ifNoItem()
                .after(config.attemptTimeout())
                .recoverWithItem(() -> new Outcome.RetryAfter(
                        Duration.ZERO,
                        "It took longer than " + config.attemptTimeout().toMillis() + " ms"))
                .onFailure(failure -> !isTransient(failure))
                .recoverWithItem(failure -> new Outcome.RetryAfter(Duration.ZERO, reason(failure)));
    }

    private void hold(Delivery delivery, Throwable failure) {
        LOG.debugf("Order message %d is held: %s", delivery.streamSequence(), failure.getMessage());
        held.increment();
    }

    /** Ends the hold of all orders, now and later: their deliveries count as failed. For a shutdown. */
    void release() {
        releasing = true;
    }

    private boolean mayHold(Throwable failure) {
        return isTransient(failure) && !releasing;
    }

    private static boolean isTransient(Throwable failure) {
        return Failure.matchesAny(TRANSIENT, failure);
    }

    private Uni<Boolean> conclude(Delivery delivery, Trace trace, Order order, Outcome outcome) {
        if (outcome instanceof Outcome.Done done) {
            return finish(delivery, order, state -> state.processed(done.priceChecked()))
                    .invoke(written -> count(OrderStatus.PROCESSED, written))
                    .map(x -> delivery.ack());
        }
        if (outcome instanceof Outcome.Reject reject) {
            return giveUp(delivery, trace, order, OrderStatus.REJECTED, reject.reason());
        }
        Outcome.RetryAfter retry = (Outcome.RetryAfter) outcome;
        if (delivery.delivered() >= config.attempts()) {
            return failed(delivery, trace, retry.reason());
        }
        return Uni.createFrom().item(() -> again(delivery, retry.reason(), retry.pause()));
    }

    /**
     * Acks the delivery if another one has settled the order meanwhile (possible after the ack wait), or if the order was
     * redriven, else gives it up.
     */
    private Uni<Boolean> giveUp(Delivery delivery, Trace trace, Order order, OrderStatus as, String reason) {
        return states.settled(order, OrderMessage.of(delivery))
                .chain(settled -> settled
                        ? Uni.createFrom().item(delivery::ack)
                        : giveUp(delivery, trace, Optional.of(order), as, reason));
    }

    /**
     * Stores the dead letter, then the state, then terminates. After a crash in between, all steps are repeated. A state
     * that cannot be read stays as it is.
     */
    private Uni<Boolean> giveUp(Delivery delivery, Trace trace, Optional<Order> order, OrderStatus as, String reason) {
        return deadLetters
                .store(FailedMessage.of(delivery, reason, trace))
                .chain(stored -> order.map(is -> finish(delivery, is, state -> state.failed(as, reason))
                                .onFailure(OrderStates::unreadable)
                                .recoverWithItem(false))
                        .orElseGet(() -> Uni.createFrom().item(!stored.duplicate())))
                .invoke(ended -> {
                    count(as, ended);
                    LOG.warnf(
                            "Order message %d of %s is %s: %s",
                            delivery.streamSequence(), delivery.stream(), as.wireName(), reason);
                })
                .map(x -> delivery.term(reason));
    }

    /** Ends the order, unless its state belongs to a later message. Returns whether this has ended it. */
    private Uni<Boolean> finish(Delivery delivery, Order order, UnaryOperator<OrderState> end) {
        return states.change(
                        order.orderId(),
                        present -> present.flatMap(state -> {
                            OrderState ended = end.apply(state);
                            return !state.supersedes(OrderMessage.of(delivery))
                                            && state.status().mayBecome(ended.status())
                                    ? Optional.of(ended)
                                    : Optional.empty();
                        }))
                .map(change -> {
                    if (change.state().isEmpty()) {
                        throw Failure.INTERNAL.because("An order has no state");
                    }
                    return change.written();
                });
    }

    private boolean again(Delivery delivery, String reason) {
        return again(delivery, reason, Duration.ZERO);
    }

    private boolean again(Delivery delivery, String reason, Duration atLeast) {
        Duration pause = backoff.delay((int) Math.min(delivery.delivered(), Integer.MAX_VALUE));
        Duration longer = pause.compareTo(atLeast) > 0 ? pause : atLeast;
        LOG.infof(
                "Order message %d of %s will be redelivered in %s, delivery %d failed: %s",
                delivery.streamSequence(), delivery.stream(), longer, delivery.delivered(), reason);
        retried.increment();
        return delivery.nak(longer);
    }

    private void count(OrderStatus status, boolean ended) {
        if (ended) {
            settled.increment(status);
        }
    }

    private static String reason(Throwable failure) {
        return failure instanceof SluiceException known
                ? String.valueOf(known.getMessage())
                : failure.getClass().getSimpleName() + " in the handler";
    }
}
