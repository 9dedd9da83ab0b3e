package dev.sluice.orders;

import dev.sluice.failure.Failure;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
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
 * within its duplicate window; later copies are detected by the order's state. The message is stored before the state:
 * after a crash or a failure in between, the order is still processed and its state is written then.
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
                .chain(state -> state.map(known -> duplicate(order, known)).orElseGet(() -> store(order)));
    }

    private Uni<Receipt> store(Order order) {
        return publisher
                .publish(new OutboundMessage(
                        CREATED, Map.of("Nats-Msg-Id", List.of(order.orderId())), OrderFormat.encode(order)))
                .chain(receipt -> receipt.duplicate()
                        ? sameAsStored(order, receipt)
                        : Uni.createFrom().item(receipt))
                .chain(receipt -> noted(order, receipt).replaceWith(receipt));
    }

    /**
     * Writes the state {@code RECEIVED}, unless a worker was faster and has already written a state. Fails with
     * {@code OUTCOME_UNKNOWN}, whatever the reason: the order is stored, a worker will write its state, and until then the
     * order is not found. A client that repeats it stores nothing twice.
     */
    private Uni<Void> noted(Order order, Receipt receipt) {
        return states.change(
                        order.orderId(),
                        present -> present.isPresent()
                                ? Optional.empty()
                                : Optional.of(OrderState.of(order, OrderStatus.RECEIVED, receipt.sequence(), 0)))
                .onFailure()
                .transform(failure -> Failure.OUTCOME_UNKNOWN.because(
                        "The order is stored, but its status is not yet; send it again", failure))
                .replaceWithVoid();
    }

    private Uni<Receipt> sameAsStored(Order order, Receipt receipt) {
        return messages.get(receipt.stream(), receipt.sequence()).map(stored -> {
            if (!OrderFormat.decode(stored.data()).equals(order)) {
                throw taken(order);
            }
            return receipt;
        });
    }

    private static Uni<Receipt> duplicate(Order order, OrderState known) {
        return known.isOf(order)
                ? Uni.createFrom().item(new Receipt(STREAM, known.sequence(), true))
                : Uni.createFrom().failure(taken(order));
    }

    private static RuntimeException taken(Order order) {
        return Failure.INVALID.because("The order_id " + order.orderId() + " belongs to another order");
    }
}
