package dev.sluice.pricing;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.sluice.failure.Failure;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.Responders;
import dev.sluice.nats.ServiceDescription;
import dev.sluice.nats.Subject;
import dev.sluice.stream.bucket.BucketKey;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Responder for {@code pricing.lookup}: answers {@code {"product_id":…}} with {@code {"price":…}}, or with
 * {@code {"error":…}} and the headers of a service error. An unreadable request also gets an error, so that the
 * requester does not wait for a timeout.
 */
@Singleton
public final class PriceLookup {
    static final Subject SUBJECT = new Subject("pricing.lookup");
    private static final ServiceDescription SERVICE =
            new ServiceDescription("pricing", "1.0.0", "Looks up the price of a product");

    private final Prices prices;
    private final Responders responders;
    private final boolean enabled;
    private final ObjectReader questions;

    @Inject
    public PriceLookup(Prices prices, Responders responders, PricingConfig config, ObjectMapper json) {
        this.prices = prices;
        this.responders = responders;
        enabled = config.enabled();
        questions = json.readerFor(Question.class);
    }

    void start(@Observes StartupEvent event) {
        if (enabled) {
            responders.serve(SERVICE, SUBJECT, this::answer);
        }
    }

    private Uni<byte[]> answer(InboundMessage request) {
        BucketKey product = product(request.data());
        return prices.find(product).map(found -> found.map(PriceLookup::answer)
                .orElseThrow(() -> Failure.NOT_FOUND.because("There is no product " + product)));
    }

    private static byte[] answer(long price) {
        return ("{\"price\":" + price + "}").getBytes(StandardCharsets.US_ASCII);
    }

    private BucketKey product(byte[] request) {
        try {
            Question question = questions.readValue(request);
            if (question != null && question.productId() != null) {
                return new BucketKey(question.productId());
            }
        } catch (IOException e) {
            throw Failure.INVALID.because("The request is not {\"product_id\":\"…\"}", e);
        }
        throw Failure.INVALID.because("The request has no product_id");
    }

    /** Payload of a request. Unknown fields are ignored. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Question(@JsonProperty("product_id") @Nullable String productId) {}
}
