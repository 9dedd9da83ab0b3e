package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.message.StoredMessages;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Accepts orders and stores each of them once. The order id is the message id, so the stream rejects a second copy
 * within its duplicate window; later copies are detected by the order's state. If the stream has lost the message
 * of an order that is not settled, the order is stored again. The message is stored before the state: after a
 * crash or a failure in between, the order is still processed and its state is written then.
 */
@Singleton
public final class OrderIntake {
    static final String STREAM = "ORDERS";
    static final Subject CREATED = new Subject("orders.created");

    private final StoredPublisher publisher;
    private final StoredMessages messages;
    private final OrderStates states;

    @Inject
    public OrderIntake(StoredPublisher publisher, StoredMessages messages, OrderStates states) {
        this.publisher = publisher;
        this.messages = messages;
        this.states = states;
    }

    /**
     * Stores {@code order}. For a duplicate, returns the receipt of the first copy. Fails with {@code INVALID} if a
     * different order has the same id, otherwise as {@link StoredPublisher}.
     */
    public Uni<Receipt> submit(Order order) {
        return states.find(order.orderId())
                .onFailure()
                .transform(Failure::nothingStored)
                .chain(state ->
                        state.map(known -> known(order, known)).orElseGet(() -> store(order, Optional.empty())));
    }

    /** @param lost the state of the order if the stream has lost its message */
    private Uni<Receipt> store(Order order, Optional<OrderState> lost) {
        return publish(order, order.orderId())
                .chain(receipt -> noted(order, receipt, lost).replaceWith(receipt));
    }

    /** Publishes again with another id if the stream knows this one, but has lost its message. */
    private Uni<Receipt> publish(Order order, String messageId) {
        return publisher
                .publish(new OutboundMessage(
                        CREATED, Map.of(NatsHeaders.MESSAGE_ID, List.of(messageId)), OrderJson.encode(order)))
                .onFailure(Failure.OUTCOME_UNKNOWN::matches)
                .transform(unknown -> Failure.OUTCOME_UNKNOWN.because(
                        "No answer in time: the order may or may not be stored. Sending it again stores it once",
                        unknown))
                .chain(receipt -> receipt.duplicate()
                        ? sameAsStored(order, receipt)
                                .onFailure(Failure.NO_MESSAGE::matches)
                                .recoverWithUni(() -> publish(order, messageId + "." + receipt.sequence()))
                        : Uni.createFrom().item(receipt));
    }

    /**
     * Writes the state {@code RECEIVED}, unless a worker was faster and has already written a state. Fails with
     * {@code OUTCOME_UNKNOWN}, whatever the reason: the order is stored, a worker will write its state, and until then the
     * order is not found. A client that repeats it stores nothing twice.
     */
    private Uni<Void> noted(Order order, Receipt receipt, Optional<OrderState> lost) {
        return states.change(
                        order.orderId(),
                        present -> present.equals(lost)
                                ? Optional.of(OrderState.received(order, receipt.sequence()))
                                : Optional.empty())
                .onFailure()
                .transform(failure -> Failure.OUTCOME_UNKNOWN.because(
                        "The order is stored, but its status is not yet; send it again", failure))
                .replaceWithVoid();
    }

    private Uni<Receipt> sameAsStored(Order order, Receipt receipt) {
        return messages.get(receipt.stream(), receipt.sequence()).map(stored -> {
            if (!holds(stored, order)) {
                throw taken(order);
            }
            return receipt;
        });
    }

    private Uni<Receipt> known(Order order, OrderState known) {
        if (!known.isOf(order)) {
            return Uni.createFrom().failure(taken(order));
        }
        Receipt duplicate = new Receipt(STREAM, known.sequence(), true);
        return known.status().settled()
                ? Uni.createFrom().item(duplicate)
                : stored(order, known.sequence())
                        .chain(stored -> stored ? Uni.createFrom().item(duplicate) : store(order, Optional.of(known)));
    }

    private Uni<Boolean> stored(Order order, long sequence) {
        return messages.get(STREAM, sequence)
                .map(message -> holds(message, order))
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithItem(false);
    }

    private static boolean holds(StoredMessage message, Order order) {
        try {
            return OrderJson.decode(message.data()).equals(order);
        } catch (SluiceException notAnOrder) {
            return false;
        }
    }

    private static RuntimeException taken(Order order) {
        return Failure.INVALID.because("The order_id " + order.orderId() + " belongs to another order");
    }
}
