package dev.sluice.orders;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.nats.PayloadText;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** REST resource that lists, reads, redrives and deletes dead letters. */
@Path("/v1/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
public final class DeadLetterResource {
    private static final String STREAM = "[A-Za-z0-9_-]+|\\*";
    private static final int MAX_LIMIT = 100;

    private final DeadLetters deadLetters;
    private final boolean enabled;

    DeadLetterResource(DeadLetters deadLetters, OrdersConfig config) {
        this.deadLetters = deadLetters;
        this.enabled = config.enabled();
    }

    /**
     * Lists dead letters without headers and payloads. {@code from} is the first sequence: the last one seen plus one.
     */
    @GET
    public Uni<Listing> list(
            @RestQuery @DefaultValue("*") @Pattern(regexp = STREAM) String stream,
            @RestQuery @DefaultValue("1") @Min(1) long from,
            @RestQuery @DefaultValue("50") @Min(1) @Max(MAX_LIMIT) int limit,
            @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.CONSUME, DeadLetters.STREAM);
        requireEnabled();
        return deadLetters
                .list(stream, from, limit)
                .map(View::outline)
                .collect()
                .asList()
                .map(Listing::new);
    }

    @GET
    @Path("{seq}")
    public Uni<View> get(@RestPath @Min(1) long seq, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.CONSUME, DeadLetters.STREAM);
        requireEnabled();
        return deadLetters.get(seq).map(View::whole);
    }

    @POST
    @Path("{seq}/redrive")
    public Uni<Response> redrive(@RestPath @Min(1) long seq, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.ADMINISTER, DeadLetters.STREAM);
        requireEnabled();
        return deadLetters.redrive(seq).map(receipt -> Response.status(Response.Status.CREATED)
                .entity(new OrderResource.StoredOrder(receipt.stream(), receipt.sequence(), receipt.duplicate()))
                .build());
    }

    @DELETE
    @Path("{seq}")
    public Uni<Void> delete(@RestPath @Min(1) long seq, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.ADMINISTER, DeadLetters.STREAM);
        requireEnabled();
        return deadLetters.delete(seq);
    }

    private void requireEnabled() {
        if (!enabled) {
            throw Failure.NOT_FOUND.because("This instance has no orders");
        }
    }

    /** Response body: dead letters in the order in which they were stored. */
    public record Listing(@JsonProperty("dead_letters") List<View> deadLetters) {}

    /** A dead letter in JSON. The payload is text, or base64 if it is not text. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record View(
            long seq,
            String time,
            String stream,
            @JsonProperty("stream_seq") long streamSeq,
            String subject,
            String consumer,
            long deliveries,
            String reason,
            int size,
            @Nullable Map<String, List<String>> headers,
            @Nullable String data,
            @JsonProperty("data_base64") byte @Nullable [] dataBase64) {

        private static View outline(DeadLetter letter) {
            return of(letter, null, null, null);
        }

        private static View whole(DeadLetter letter) {
            String text = PayloadText.of(letter.data());
            return of(letter, letter.headers(), text, text == null ? letter.data() : null);
        }

        private static View of(
                DeadLetter letter,
                @Nullable Map<String, List<String>> headers,
                @Nullable String text,
                byte @Nullable [] bytes) {
            return new View(
                    letter.sequence(),
                    letter.at().toString(),
                    letter.origin(),
                    letter.originSequence(),
                    letter.subject(),
                    letter.consumer(),
                    letter.deliveries(),
                    letter.reason(),
                    letter.data().length,
                    headers,
                    text,
                    bytes);
        }
    }
}
