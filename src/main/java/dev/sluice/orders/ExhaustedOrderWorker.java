package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.StoredMessage;
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
public final class ExhaustedOrderWorker {
    private static final Logger LOG = Logger.getLogger(ExhaustedOrderWorker.class);
    private static final Set<Failure> GONE = EnumSet.of(Failure.NO_MESSAGE, Failure.NO_STREAM, Failure.INVALID);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final StoredMessages messages;
    private final OrderStates states;
    private final DeadLetters deadLetters;

    @Inject
    public ExhaustedOrderWorker(StoredMessages messages, OrderStates states, DeadLetters deadLetters) {
        this.messages = messages;
        this.states = states;
        this.deadLetters = deadLetters;
    }

    /**
     * Handles one advisory. Never fails. An advisory without a message is terminated; after any other failure it is
     * redelivered, because it is the only trace of its order.
     */
    Uni<Void> settle(Delivery advisory) {
        return Uni.createFrom()
                .deferred(() -> exhausted(MaxDeliveriesAdvisory.decode(advisory.data())))
                .onFailure(ExhaustedOrderWorker::pointless)
                .recoverWithUni(failure -> {
                    advisory.term(String.valueOf(failure.getMessage()));
                    return Uni.createFrom().nullItem();
                })
                .onItem()
                .ifNotNull()
                .transformToUni(exhausted -> giveUp(exhausted).invoke(advisory::ack))
                .replaceWithVoid()
                .onFailure()
                .recoverWithUni(failure -> {
                    LOG.warnf(
                            "An order that used up its deliveries could not be stored as a dead letter: %s",
                            failure.getMessage());
                    advisory.nak(PAUSE);
                    return Uni.createFrom().voidItem();
                });
    }

    private Uni<Exhausted> exhausted(MaxDeliveriesAdvisory advisory) {
        return messages.get(advisory.stream(), advisory.sequence()).map(message -> new Exhausted(message, advisory));
    }

    /** Stores the dead letter, unless the order is settled, or a later message of it is delivered instead. */
    private Uni<?> giveUp(Exhausted exhausted) {
        StoredMessage message = exhausted.message();
        Optional<Order> order = order(message);
        return order.isEmpty()
                ? store(exhausted)
                : states.settled(order.get(), OrderMessage.of(message))
                        .chain(settled -> settled
                                ? Uni.createFrom().nullItem()
                                : store(exhausted).chain(stored -> dead(order.get(), exhausted)));
    }

    private Uni<?> store(Exhausted exhausted) {
        return deadLetters.store(FailedMessage.of(exhausted.message(), exhausted.advisory(), exhausted.reason()));
    }

    /** Writes the state {@code DEAD}. A state that cannot be read stays as it is. */
    private Uni<?> dead(Order order, Exhausted exhausted) {
        OrderMessage message = OrderMessage.of(exhausted.message());
        return states.change(order.orderId(), present -> {
                    OrderState state = present.orElseGet(() -> OrderState.processing(
                            order, message, exhausted.advisory().deliveries()));
                    return state.isOf(order)
                                    && !state.supersedes(message)
                                    && state.status().mayBecome(OrderStatus.DEAD)
                            ? Optional.of(state.failed(OrderStatus.DEAD, exhausted.reason()))
                            : Optional.empty();
                })
                .onFailure(OrderStates::unreadable)
                .recoverWithItem(new OrderStates.Change(Optional.empty(), false));
    }

    private static Optional<Order> order(StoredMessage message) {
        try {
            return Optional.of(OrderJson.decode(message.data()));
        } catch (SluiceException notAnOrder) {
            return Optional.empty();
        }
    }

    /** Returns whether a retry is pointless: the message no longer exists, or the payload is not an advisory. */
    private static boolean pointless(Throwable failure) {
        return Failure.matchesAny(GONE, failure);
    }

    /** A message that used up its deliveries. */
    private record Exhausted(StoredMessage message, MaxDeliveriesAdvisory advisory) {
        String reason() {
            return "Delivered " + advisory.deliveries() + " times to " + advisory.consumer() + " and never settled";
        }
    }
}
