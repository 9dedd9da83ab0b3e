package dev.sluice.orders;

import dev.sluice.failure.Failure;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An order. Its id is also the message id and the key of the order's status, so the set of allowed characters is small.
 *
 * @param orderId 1 to 64 letters, digits, {@code -} and {@code _}
 * @param amount amount in the smallest currency unit, from 1 to 2^53 - 1, which every JSON parser reads exactly
 * @param productId product whose price is checked, if any; a key of the price bucket
 */
public record Order(String orderId, long amount, Optional<String> productId) {
    static final long MAX_AMOUNT = (1L << 53) - 1;
    static final String ID = "[A-Za-z0-9_-]{1,64}";
    static final String ID_RULE = "must have 1 to 64 letters, digits, - and _";
    static final String PRODUCT = "[-_=a-zA-Z0-9]{1,128}(\\.[-_=a-zA-Z0-9]{1,128}){0,7}";
    static final String PRODUCT_RULE = "must have only letters, digits and - _ =, in parts between single dots";
    private static final Pattern IDS = Pattern.compile(ID);
    private static final Pattern PRODUCTS = Pattern.compile(PRODUCT);

    /** @throws dev.sluice.failure.SluiceException {@code INVALID}; the detail names the violated rule */
    public Order {
        if (!IDS.matcher(orderId).matches()) {
            throw Failure.INVALID.because("order_id " + ID_RULE);
        }
        if (amount < 1 || amount > MAX_AMOUNT) {
            throw Failure.INVALID.because("amount is a positive integer, at most " + MAX_AMOUNT);
        }
        if (productId.isPresent() && !PRODUCTS.matcher(productId.get()).matches()) {
            throw Failure.INVALID.because("product_id " + PRODUCT_RULE);
        }
    }
}
