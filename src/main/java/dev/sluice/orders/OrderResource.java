package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.flow.RequestPath;
import dev.sluice.stream.publish.Receipt;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** REST resource that accepts orders and returns their state. */
@Path("/v1/orders")
@Produces(MediaType.APPLICATION_JSON)
public final class OrderResource {
    private final OrderIntake intake;
    private final OrderStates states;
    private final boolean enabled;

    OrderResource(OrderIntake intake, OrderStates states, OrdersConfig config) {
        this.intake = intake;
        this.states = states;
        this.enabled = config.enabled();
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> submit(@Valid @NotNull NewOrder body, @Context RoutingContext context) {
        Caller.of(context).require(Verb.PUBLISH, OrderIntake.CREATED);
        requireEnabled();
        Order order = new Order(body.orderId(), body.amount(), Optional.ofNullable(body.productId()));
        return intake.submit(order).map(receipt -> answer(context, order, receipt));
    }

    @GET
    @Path("{orderId}")
    public Uni<OrderState> find(
            @RestPath @Pattern(regexp = Order.ID, message = Order.ID_RULE) String orderId,
            @Context RoutingContext context) {
        Caller.of(context).require(Verb.SUBSCRIBE, OrderStates.subject(orderId));
        requireEnabled();
        return states.findOrAskLeader(orderId)
                .map(state -> state.orElseThrow(() -> Failure.NOT_FOUND.because("There is no order " + orderId)));
    }

    private void requireEnabled() {
        if (!enabled) {
            throw Failure.NOT_FOUND.because("This instance has no orders");
        }
    }

    private static Response answer(RoutingContext request, Order order, Receipt receipt) {
        StoredOrder stored = new StoredOrder(receipt.stream(), receipt.sequence(), receipt.duplicate());
        return receipt.duplicate()
                ? Response.ok(stored).build()
                : Response.status(Response.Status.CREATED)
                        .header(HttpHeaders.LOCATION, RequestPath.asSent(request.request()) + "/" + order.orderId())
                        .entity(stored)
                        .build();
    }

    /** Request body of a new order. */
    public record NewOrder(
            @JsonProperty("order_id") @NotNull @Pattern(regexp = Order.ID, message = Order.ID_RULE)
            String orderId,

            @JsonProperty("amount") @NotNull @Positive @Max(Order.MAX_AMOUNT)
            Long amount,

            @JsonProperty("product_id") @Pattern(regexp = Order.PRODUCT, message = Order.PRODUCT_RULE) @Nullable
            String productId) {}

    /** Response body: where the order was stored. */
    public record StoredOrder(String stream, long seq, boolean duplicate) {}
}
