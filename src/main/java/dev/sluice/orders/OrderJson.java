package dev.sluice.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.failure.Failure;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes orders as JSON: {@code {"order_id":"A-17","amount":4999,"product_id":"P-1"}}, where
 * {@code product_id} is optional. Unknown fields are ignored, so that producers can send more. Known fields must have
 * exactly their type.
 */
final class OrderJson {
    private static final String ORDER_ID = "order_id";
    private static final String AMOUNT = "amount";
    private static final String PRODUCT_ID = "product_id";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private OrderJson() {}

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}; the detail names the error */
    static Order decode(byte[] json) {
        JsonNode root = parse(json);
        if (root == null || !root.isObject()) {
            throw Failure.INVALID.because("An order must be a JSON object");
        }
        JsonNode amount = root.get(AMOUNT);
        if (amount == null || !amount.isIntegralNumber() || !amount.canConvertToLong()) {
            throw Failure.INVALID.because("amount is a positive integer, at most " + Order.MAX_AMOUNT);
        }
        String orderId = text(root, ORDER_ID);
        if (orderId == null) {
            throw Failure.INVALID.because("An order must have an order_id");
        }
        return new Order(orderId, amount.longValue(), Optional.ofNullable(text(root, PRODUCT_ID)));
    }

    static byte[] encode(Order order) {
        ObjectNode root = JSON.createObjectNode().put(ORDER_ID, order.orderId()).put(AMOUNT, order.amount());
        order.productId().ifPresent(product -> root.put(PRODUCT_ID, product));
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an order is strings and a number", e);
        }
    }

    private static @Nullable JsonNode parse(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw Failure.INVALID.because("This is not JSON", e);
        }
    }

    private static @Nullable String text(JsonNode root, String field) {
        JsonNode value = root.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw Failure.INVALID.because(field + " must be a string");
        }
        return value.textValue();
    }
}
