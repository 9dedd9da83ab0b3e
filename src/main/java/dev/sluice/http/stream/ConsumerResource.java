package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.http.DurationText;
import dev.sluice.http.NatsTime;
import dev.sluice.http.PutResponse;
import dev.sluice.http.QueryParameters;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerPause;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.ListPage;
import dev.sluice.stream.catalog.Catalog;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The consumers of a stream. A consumer that is created here is a durable pull consumer with explicit acks. */
@Path("/v1/streams")
@Produces(MediaType.APPLICATION_JSON)
public final class ConsumerResource {
    private static final int MAX_FILTERS = 256;

    private final Catalog catalog;

    ConsumerResource(Catalog catalog) {
        this.catalog = catalog;
    }

    /** Lists at most 256 consumers. {@code offset} is the {@code next_offset} of the previous page. */
    @GET
    @Path("{stream}/consumers")
    public Uni<Listing> list(
            @RestPath String stream,
            @RestQuery @DefaultValue("0") @Min(0) int offset,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        QueryParameters.allow(uri, "offset");
        StreamResource.requireSight(context, stream);
        Caller caller = Caller.of(context);
        return catalog.consumers(stream, offset)
                .map(page -> Listing.of(page.only(
                        consumer -> caller.sees(new ConsumerRef(consumer.stream(), consumer.name())),
                        name -> caller.sees(new ConsumerRef(stream, name)))));
    }

    @GET
    @Path("{stream}/consumers/{consumer}")
    public Uni<ConsumerView> get(@RestPath String stream, @RestPath String consumer, @Context RoutingContext context) {
        ConsumerRef ref = new ConsumerRef(stream, consumer);
        if (!Caller.of(context).sees(ref)) {
            throw Failure.FORBIDDEN.because("This caller may not consume " + ref);
        }
        return catalog.consumer(ref).map(ConsumerView::of);
    }

    /**
     * Creates or updates a consumer. A field that the body omits is set to its default, even if the consumer has
     * another value.
     */
    @PUT
    @Path("{stream}/consumers/{consumer}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> put(
            @RestPath String stream,
            @RestPath String consumer,
            @Valid @NotNull Definition body,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        QueryParameters.allow(uri);
        ConsumerRef ref = administered(stream, consumer, context);
        return catalog.declare(body.of(ref))
                .map(declared -> PutResponse.of(context, declared.created(), ConsumerView.of(declared.value())));
    }

    @DELETE
    @Path("{stream}/consumers/{consumer}")
    public Uni<Void> delete(@RestPath String stream, @RestPath String consumer, @Context RoutingContext context) {
        return catalog.delete(administered(stream, consumer, context));
    }

    /** Stops the deliveries of a consumer until a time. */
    @POST
    @Path("{stream}/consumers/{consumer}/pause")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<PauseView> pause(
            @RestPath String stream,
            @RestPath String consumer,
            @Valid @NotNull PauseRequest body,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        QueryParameters.allow(uri);
        ConsumerRef ref = administered(stream, consumer, context);
        if (body.until() == null) {
            throw Failure.INVALID.because("The field until is missing");
        }
        Instant until = NatsTime.checked(body.until(), "The field until");
        if (!until.isAfter(Instant.now())) {
            throw Failure.INVALID.because("The field until must be in the future");
        }
        return catalog.pause(ref, until).map(PauseView::of);
    }

    /** Ends a pause. */
    @POST
    @Path("{stream}/consumers/{consumer}/resume")
    public Uni<PauseView> resume(
            @RestPath String stream, @RestPath String consumer, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri);
        return catalog.resume(administered(stream, consumer, context)).map(PauseView::of);
    }

    /** Starts a consumer again at {@code seq}, or at the first message that is not settled. */
    @POST
    @Path("{stream}/consumers/{consumer}/reset")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<ConsumerView> reset(
            @RestPath String stream,
            @RestPath String consumer,
            @Valid @NotNull ResetRequest body,
            @Context UriInfo uri,
            @Context RoutingContext context) {
        QueryParameters.allow(uri);
        ConsumerRef ref = administered(stream, consumer, context);
        OptionalLong sequence = body.seq() == null ? OptionalLong.empty() : OptionalLong.of(body.seq());
        return catalog.reset(ref, sequence).map(ConsumerView::of);
    }

    private static ConsumerRef administered(String stream, String consumer, RoutingContext context) {
        ConsumerRef ref = new ConsumerRef(stream, consumer);
        Caller.of(context).require(Verb.ADMINISTER, ref);
        return ref;
    }

    /** Until when a consumer delivers nothing. */
    public record PauseRequest(
            @JsonProperty("until") @Nullable Instant until) {}

    /** The first sequence that a consumer delivers again. */
    public record ResetRequest(
            @JsonProperty("seq") @Min(1) @Nullable Long seq) {}

    /** Whether a consumer is paused. {@code until} is present if it is. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PauseView(boolean paused, @Nullable Instant until) {

        private static PauseView of(ConsumerPause pause) {
            return new PauseView(pause.until().isPresent(), pause.until().orElse(null));
        }
    }

    /** One page of consumers. {@code next_offset} is present if there are more, {@code unavailable} if it has names. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Listing(
            List<ConsumerView> consumers,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> unavailable,
            @JsonProperty("next_offset") @Nullable Integer nextOffset) {

        private static Listing of(ListPage<ConsumerInfo> page) {
            return new Listing(
                    page.items().stream().map(ConsumerView::of).toList(), page.unavailable(), page.nextOffset());
        }
    }

    /** The definition of a consumer. */
    public record Definition(
            @JsonProperty("filter_subjects") @Size(max = MAX_FILTERS) @Nullable
            List<String> filterSubjects,

            @JsonProperty("ack_wait")
            @JsonDeserialize(using = DurationText.Reader.class)
            @DurationMin(millis = 1)
            @Nullable
            Duration ackWait,

            @JsonProperty("max_deliver") @Min(-1) @Max(Integer.MAX_VALUE) @Nullable
            Integer maxDeliver,

            @JsonProperty("max_ack_pending") @Min(-1) @Max(Integer.MAX_VALUE) @Nullable
            Integer maxAckPending,

            @JsonProperty("deliver") @Nullable String deliver) {

        private ConsumerDefinition of(ConsumerRef ref) {
            ConsumerDefinition defaults = ConsumerDefinition.durable(ref);
            List<String> filters = Objects.requireNonNullElse(filterSubjects, List.<String>of()).stream()
                    .map(filter -> new SubjectPattern(filter).value())
                    .toList();
            return new ConsumerDefinition(
                    ref,
                    true,
                    filters,
                    AckMode.EXPLICIT,
                    Objects.requireNonNullElse(ackWait, defaults.ackWait()),
                    limit(maxDeliver, defaults.maxDeliver()),
                    limit(maxAckPending, defaults.maxAckPending()),
                    deliver == null ? defaults.start() : StartPositionText.parse(deliver),
                    Duration.ZERO);
        }

        /** Rejects 0 because the server would replace it by its own default. */
        private static int limit(@Nullable Integer asked, int otherwise) {
            if (asked != null && asked == 0) {
                throw Failure.INVALID.because("max_deliver and max_ack_pending must be positive, or -1 for no limit");
            }
            return Objects.requireNonNullElse(asked, otherwise);
        }
    }
}
