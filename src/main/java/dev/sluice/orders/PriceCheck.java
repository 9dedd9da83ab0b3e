package dev.sluice.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.failure.Failure;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Requester;
import dev.sluice.nats.ServiceError;
import dev.sluice.nats.Subject;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Order handler that requests the price of the product by request/reply. Rejects an order if its amount is below the
 * price or its product is unknown. An order without a product is done without a request.
 */
@Singleton
final class PriceCheck implements OrderHandler {
    private static final Subject LOOKUP = new Subject("pricing.lookup");
    private static final int NOT_FOUND = 404;
    private static final int NOT_AVAILABLE = 503;
    private static final JsonMapper JSON = new JsonMapper();

    private final Requester requester;
    private final Duration timeout;

    @Inject
    PriceCheck(Requester requester, OrdersConfig config) {
        this.requester = requester;
        this.timeout = config.priceTimeout();
    }

    @Override
    public Uni<Outcome> handle(Order order) {
        Optional<String> product = order.productId();
        if (product.isEmpty()) {
            return Uni.createFrom().item(new Outcome.Done(false));
        }
        byte[] question = ("{\"product_id\":\"" + product.get() + "\"}").getBytes(StandardCharsets.UTF_8);
        return requester
                .request(new OutboundMessage(LOOKUP, Map.of(), question), timeout)
                .onFailure(failure -> Failure.NO_RESPONDERS.matches(failure) || Failure.TIMEOUT.matches(failure))
                .transform(away -> Failure.UNAVAILABLE.because("The price service does not answer", away))
                .map(reply -> outcome(order, reply));
    }

    private static Outcome outcome(Order order, InboundMessage reply) {
        Optional<ServiceError> error = ServiceError.of(reply);
        if (error.isPresent()) {
            if (error.get().code() == NOT_AVAILABLE) {
                throw Failure.UNAVAILABLE.because(
                        "The price lookup failed: " + error.get().description());
            }
            return error.get().code() == NOT_FOUND
                    ? new Outcome.Reject("The price of its product is unknown")
                    : new Outcome.RetryAfter(
                            Duration.ZERO,
                            "The price lookup failed: " + error.get().description());
        }
        long price = price(reply.data());
        return order.amount() < price
                ? new Outcome.Reject("The amount is below the price of its product, " + price)
                : new Outcome.Done(true);
    }

    private static long price(byte[] reply) {
        try {
            JsonNode price = JSON.readTree(reply).path("price");
            if (price.isIntegralNumber() && price.canConvertToLong() && price.longValue() >= 0) {
                return price.longValue();
            }
        } catch (IOException e) {
            throw Failure.INTERNAL.because("The reply of the price lookup is not JSON", e);
        }
        throw Failure.INTERNAL.because("The reply of the price lookup has no price");
    }
}
