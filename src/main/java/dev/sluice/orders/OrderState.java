package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of an order, as stored in the bucket and returned to clients.
 *
 * @param sequence stream sequence of the order's latest message
 * @param deliveries number of deliveries of that message to a worker
 * @param priceChecked whether the price of the product was requested and is covered by the amount; {@code false} for an
 *     order without a product
 * @param reason reason why the order was rejected or is dead
 * @param updatedAt time of the last change, ISO 8601
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OrderState(
        @JsonProperty("order_id") String orderId,
        @JsonProperty("amount") long amount,
        @JsonProperty("product_id") @Nullable String productId,
        @JsonProperty("status") OrderStatus status,
        @JsonProperty("deliveries") long deliveries,
        @JsonProperty("price_checked") boolean priceChecked,
        @JsonProperty("reason") @Nullable String reason,
        @JsonProperty("seq") long sequence,
        @JsonProperty("updated_at") String updatedAt) {

    static OrderState of(Order order, OrderStatus status, long sequence, long deliveries) {
        return new OrderState(
                order.orderId(),
                order.amount(),
                order.productId().orElse(null),
                status,
                deliveries,
                false,
                null,
                sequence,
                Instant.now().toString());
    }

    /** Returns whether this is the state of {@code order}, not of a different order with the same id. */
    boolean isOf(Order order) {
        return orderId.equals(order.orderId())
                && amount == order.amount()
                && Optional.ofNullable(productId).equals(order.productId());
    }

    /**
     * Returns whether nothing is left to do for the message of {@code order} at {@code orderSequence}: it has led to
     * this final state, or a later message, such as a redrive, has taken its place.
     */
    boolean settles(Order order, long orderSequence) {
        return isOf(order) && (sequence > orderSequence || (status.settled() && sequence == orderSequence));
    }

    OrderState processed(boolean checked) {
        return changed(OrderStatus.PROCESSED, sequence, deliveries, checked, null);
    }

    OrderState processing(long newSequence, long newDeliveries) {
        return changed(OrderStatus.PROCESSING, newSequence, newDeliveries, false, null);
    }

    /** @param failed {@code REJECTED} or {@code DEAD} */
    OrderState failed(OrderStatus failed, String why) {
        return changed(failed, sequence, deliveries, priceChecked, why);
    }

    private OrderState changed(
            OrderStatus newStatus, long newSequence, long newDeliveries, boolean checked, @Nullable String why) {
        return new OrderState(
                orderId,
                amount,
                productId,
                newStatus,
                newDeliveries,
                checked,
                why,
                newSequence,
                Instant.now().toString());
    }
}
