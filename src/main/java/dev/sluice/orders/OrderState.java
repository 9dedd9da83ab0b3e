package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of an order, as stored in the bucket and returned to clients. A state of another version of Sluice can be
 * read: unknown fields are ignored, and an older one has no store time.
 *
 * @param sequence stream sequence of the order's latest message
 * @param storedAt time at which the stream stored that message, ISO 8601; null until a worker has received it
 * @param deliveries number of deliveries of that message to a worker
 * @param priceChecked whether the price of the product was requested and is covered by the amount; {@code false} for an
 *     order without a product
 * @param reason reason why the order was rejected or is dead
 * @param updatedAt time of the last change, ISO 8601
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record OrderState(
        @JsonProperty("order_id") String orderId,
        @JsonProperty("amount") long amount,
        @JsonProperty("product_id") @Nullable String productId,
        @JsonProperty("status") OrderStatus status,
        @JsonProperty("deliveries") long deliveries,
        @JsonProperty("price_checked") boolean priceChecked,
        @JsonProperty("reason") @Nullable String reason,
        @JsonProperty("seq") long sequence,
        @JsonProperty("stored_at") @Nullable String storedAt,
        @JsonProperty("updated_at") String updatedAt) {

    /** Rejects what cannot be a state, because anybody who may write to the bucket can store anything. */
    public OrderState {
        Objects.requireNonNull(orderId, "order_id");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(updatedAt, "updated_at");
        if (storedAt != null) {
            Instant.parse(storedAt);
        }
    }

    /** Returns the state of an order that was stored at {@code sequence} and that no worker has received. */
    static OrderState received(Order order, long sequence) {
        return of(order, OrderStatus.RECEIVED, sequence, null, 0);
    }

    static OrderState processing(Order order, OrderMessage message, long deliveries) {
        return of(
                order,
                OrderStatus.PROCESSING,
                message.sequence(),
                message.storedAt().toString(),
                deliveries);
    }

    private static OrderState of(
            Order order, OrderStatus status, long sequence, @Nullable String storedAt, long deliveries) {
        return new OrderState(
                order.orderId(),
                order.amount(),
                order.productId().orElse(null),
                status,
                deliveries,
                false,
                null,
                sequence,
                storedAt,
                Instant.now().toString());
    }

    /** Returns whether this is the state of {@code order}, not of a different order with the same id. */
    boolean isOf(Order order) {
        return orderId.equals(order.orderId())
                && amount == order.amount()
                && Optional.ofNullable(productId).equals(order.productId());
    }

    /** Returns whether this is the state of an order after {@code message}, not after another message of it. */
    boolean isFrom(OrderMessage message) {
        return sequence == message.sequence()
                && (storedAt == null || Instant.parse(storedAt).equals(message.storedAt()));
    }

    /**
     * Returns whether a later message, such as a redrive, has taken the place of {@code message}. A message with a lower
     * sequence that was stored later is of a stream that was created again. A message that no worker has received takes no
     * place: the stream may not have it any more.
     */
    boolean supersedes(OrderMessage message) {
        if (status == OrderStatus.RECEIVED || isFrom(message)) {
            return false;
        }
        return sequence >= message.sequence()
                && (storedAt == null || !message.storedAt().isAfter(Instant.parse(storedAt)));
    }

    /**
     * Returns whether nothing is left to do for {@code message} of {@code order}: it has led to this final state, or
     * a later message has taken its place.
     */
    boolean settles(Order order, OrderMessage message) {
        return isOf(order) && (supersedes(message) || (status.settled() && isFrom(message)));
    }

    OrderState processed(boolean checked) {
        return changed(OrderStatus.PROCESSED, checked, null);
    }

    /** @param failed {@code REJECTED} or {@code DEAD} */
    OrderState failed(OrderStatus failed, String why) {
        return changed(failed, priceChecked, why);
    }

    private OrderState changed(OrderStatus newStatus, boolean checked, @Nullable String why) {
        return new OrderState(
                orderId,
                amount,
                productId,
                newStatus,
                deliveries,
                checked,
                why,
                sequence,
                storedAt,
                Instant.now().toString());
    }
}
