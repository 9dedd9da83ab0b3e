package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known about an order, as it is stored and as clients read it.
 *
 * @param sequence of the message in the stream that it came with last
 * @param deliveries how often a worker got that message
 * @param priceChecked whether the price of its product was asked and covered by the amount; an order without a product
 *     is processed without
 * @param reason why it was rejected or is dead
 * @param updatedAt ISO 8601
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

    /** Whether this is about {@code order}, and not about another one under the same id. */
    boolean isOf(Order order) {
        return orderId.equals(order.orderId())
                && amount == order.amount()
                && Optional.ofNullable(productId).equals(order.productId());
    }

    /** Whether it says how {@code order} ended that came at {@code orderSequence}, or how it did when it came again. */
    boolean settles(Order order, long orderSequence) {
        return isOf(order) && status.settled() && sequence >= orderSequence;
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
