package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.message.StoredMessage;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.pull.Delivery;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Stores orders as dead letters that no worker gave up itself: the worker died during the last delivery, or could not
 * read the message. Only the server's max-deliveries advisory reports these orders. The message is fetched from its
 * stream by sequence.
 */
@Singleton
public final class DeadLetterWorker {
    private static final Logger LOG = Logger.getLogger(DeadLetterWorker.class);
    private static final Set<Failure> GONE = EnumSet.of(Failure.NO_MESSAGE, Failure.NO_STREAM, Failure.INVALID);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final StoredMessages messages;
    private final OrderStates states;
    private final DeadLetters deadLetters;

    @Inject
    public DeadLetterWorker(StoredMessages messages, OrderStates states, DeadLetters deadLetters) {
        this.messages = messages;
        this.states = states;
        this.deadLetters = deadLetters;
    }

    /** Handles one advisory. Never fails; after a failure the advisory is redelivered unless a retry is pointless. */
    Uni<Void> settle(Delivery advisory) {
        return Uni.createFrom()
                .deferred(() -> follow(MaxDeliveriesAdvisory.decode(advisory.data())))
                .map(done -> advisory.ack())
                .onFailure(DeadLetterWorker::pointless)
                .recoverWithItem(failure -> advisory.term(String.valueOf(failure.getMessage())))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf(
                            "An order that used up its deliveries could not be stored as a dead letter: %s",
                            failure.getMessage());
                    return advisory.nak(PAUSE);
                })
                .replaceWithVoid();
    }

    private Uni<?> follow(MaxDeliveriesAdvisory maxDeliveries) {
        return messages.get(maxDeliveries.stream(), maxDeliveries.sequence()).chain(message -> {
            Optional<Order> order = order(message);
            return order.isEmpty()
                    ? store(message, maxDeliveries)
                    : states.latest(order.get().orderId())
                            .chain(state -> state.filter(is -> is.settles(order.get(), message.sequence()))
                                            .isPresent()
                                    ? Uni.createFrom().nullItem()
                                    : store(message, maxDeliveries)
                                            .chain(stored -> dead(order.get(), message, maxDeliveries)));
        });
    }

    private Uni<?> store(StoredMessage message, MaxDeliveriesAdvisory maxDeliveries) {
        return deadLetters.store(FailedMessage.of(message, maxDeliveries, reason(maxDeliveries)));
    }

    private Uni<?> dead(Order order, StoredMessage message, MaxDeliveriesAdvisory maxDeliveries) {
        return states.change(order.orderId(), present -> {
            OrderState state = present.orElseGet(
                    () -> OrderState.of(order, OrderStatus.PROCESSING, message.sequence(), maxDeliveries.deliveries()));
            return state.isOf(order) && state.status().mayBecome(OrderStatus.DEAD)
                    ? Optional.of(state.failed(OrderStatus.DEAD, reason(maxDeliveries)))
                    : Optional.empty();
        });
    }

    private static String reason(MaxDeliveriesAdvisory maxDeliveries) {
        return "Delivered " + maxDeliveries.deliveries() + " times to " + maxDeliveries.consumer()
                + " and never settled";
    }

    private static Optional<Order> order(StoredMessage message) {
        try {
            return Optional.of(OrderFormat.decode(message.data()));
        } catch (SluiceException notAnOrder) {
            return Optional.empty();
        }
    }

    /** Returns whether a retry is pointless: the message no longer exists, or the payload is not an advisory. */
    private static boolean pointless(Throwable failure) {
        return failure instanceof SluiceException known && GONE.contains(known.failure());
    }
}
