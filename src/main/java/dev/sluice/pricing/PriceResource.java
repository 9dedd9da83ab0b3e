package dev.sluice.pricing;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Requester;
import dev.sluice.nats.ServiceError;
import dev.sluice.nats.Subject;
import dev.sluice.stream.bucket.BucketKey;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;

/** REST resource that sets and reads prices. It reads them like any other service, by request/reply. */
@Path("/v1/prices/{productId}")
public final class PriceResource {
    private static final int MAX_PRODUCT_LENGTH = 128;
    /** Possessive: otherwise the depth of the stack grows with the number of parts. */
    private static final String PRODUCT = "[-_=a-zA-Z0-9]++(\\.[-_=a-zA-Z0-9]++)*+";

    private static final String PRODUCT_RULE = "must have only letters, digits and - _ =, in parts between single dots";

    private final Prices prices;
    private final Requester requester;
    private final PricingConfig config;
    private final ObjectMapper json;

    PriceResource(Prices prices, Requester requester, PricingConfig config, ObjectMapper json) {
        this.prices = prices;
        this.requester = requester;
        this.config = config;
        this.json = json;
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Void> set(
            @RestPath @Pattern(regexp = PRODUCT, message = PRODUCT_RULE) @Size(max = MAX_PRODUCT_LENGTH)
                    String productId,
            @Valid @NotNull NewPrice body,
            @Context RoutingContext context) {
        Caller.of(context).require(Verb.PUBLISH, new Subject("pricing.set." + productId));
        return prices.set(new BucketKey(productId), body.price());
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Price> find(
            @RestPath @Pattern(regexp = PRODUCT, message = PRODUCT_RULE) @Size(max = MAX_PRODUCT_LENGTH)
                    String productId,
            @Context RoutingContext context) {
        Caller.of(context).require(Verb.REQUEST, PriceLookup.SUBJECT);
        if (!config.enabled()) {
            throw Failure.NOT_FOUND.because("This instance has no prices");
        }
        OutboundMessage question = new OutboundMessage(PriceLookup.SUBJECT, Map.of(), question(productId));
        return requester.request(question, config.timeout()).map(reply -> price(productId, reply));
    }

    private byte[] question(String productId) {
        try {
            return json.writeValueAsBytes(Map.of("product_id", productId));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Price price(String productId, InboundMessage reply) {
        ServiceError.of(reply).ifPresent(error -> {
            throw error.failure().because(error.description());
        });
        try {
            JsonNode price = json.readTree(reply.data()).path("price");
            if (price.isIntegralNumber() && price.canConvertToLong()) {
                return new Price(productId, price.longValue());
            }
        } catch (IOException e) {
            throw Failure.UNAVAILABLE.because("The reply of the price service cannot be read", e);
        }
        throw Failure.UNAVAILABLE.because("The reply of the price service has no price");
    }

    /** Request body: the price in the smallest currency unit. */
    public record NewPrice(@NotNull @PositiveOrZero Long price) {}

    /** Response body of a lookup. */
    public record Price(@JsonProperty("product_id") String productId, long price) {}
}
