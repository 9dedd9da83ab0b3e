package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.http.PutResponse;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.UntrustedContent;
import dev.sluice.http.message.CloudEventNegotiation;
import dev.sluice.http.message.HeaderText;
import dev.sluice.nats.Subject;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.stream.ListPage;
import dev.sluice.stream.Purge;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.StreamDefinition;
import dev.sluice.stream.StreamInfo;
import dev.sluice.stream.catalog.Catalog;
import dev.sluice.stream.message.StoredMessages;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Streams and single stored messages. */
@Path("/v1/streams")
public final class StreamResource {

    private final Catalog catalog;
    private final StoredMessages messages;

    StreamResource(Catalog catalog, StoredMessages messages) {
        this.catalog = catalog;
        this.messages = messages;
    }

    /** Lists at most 256 streams. {@code offset} is the {@code next_offset} of the previous page. */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Listing> list(
            @RestQuery @DefaultValue("0") @Min(0) int offset, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, "offset");
        Caller caller = Caller.of(context);
        return catalog.streams(offset)
                .map(page -> Listing.of(page.only(stream -> caller.seesStream(stream.name()), caller::seesStream)));
    }

    @GET
    @Path("{stream}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<StreamView> get(@RestPath String stream, @Context RoutingContext context) {
        requireSight(context, stream);
        return catalog.stream(stream).map(StreamView::of);
    }

    /**
     * Creates or updates a stream. A field that the body omits is set to its default, except the storage and the number of
     * replicas, which stay. The caller may also read what the stream takes, and write what it republishes.
     */
    @PUT
    @Path("{stream}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> put(
            @RestPath String stream, @Valid @NotNull StreamConfiguration body, @Context RoutingContext context) {
        Caller caller = Caller.of(context);
        caller.requireStream(Verb.ADMINISTER, stream);
        StreamDefinition definition = body.define(stream);
        caller.requireAll(Verb.SUBSCRIBE, body.captured());
        caller.requireAll(Verb.PUBLISH, body.published());
        definition.originNames().forEach(origin -> caller.requireStream(Verb.CONSUME, origin));
        return catalog.declare(definition)
                .map(declared -> PutResponse.of(context, declared.created(), StreamView.of(declared.value())));
    }

    /** Deletes a stream with its messages and consumers. */
    @DELETE
    @Path("{stream}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Void> delete(@RestPath String stream, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.ADMINISTER, stream);
        return catalog.deleteStream(stream);
    }

    /**
     * Removes messages from a stream: all, or those on {@code subject}, before {@code seq}, or all but the newest
     * {@code keep}.
     */
    @POST
    @Path("{stream}/purge")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Purged> purge(
            @RestPath String stream, @Valid @NotNull PurgeRequest body, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.ADMINISTER, stream);
        return catalog.purge(stream, body.purge()).map(Purged::new);
    }

    /** Deletes a stored message. */
    @DELETE
    @Path("{stream}/messages/{seq}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Void> deleteMessage(
            @RestPath String stream, @RestPath @Min(1) long seq, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.ADMINISTER, stream);
        return catalog.requireDeletable(stream).chain(() -> messages.delete(stream, seq));
    }

    /**
     * Returns a stored message. The payload is untrusted: the response keeps the content type of the publisher, but the
     * headers prevent a browser from rendering it within this site.
     */
    @GET
    @Path("{stream}/messages/{seq}")
    public Uni<Response> message(@RestPath String stream, @RestPath @Min(1) long seq, @Context RoutingContext context) {
        Caller.of(context).requireStream(Verb.CONSUME, stream);
        return catalog.stream(stream)
                .chain(readable -> messages.get(stream, seq))
                .map(message -> answer(message, CloudEventNegotiation.of(context)));
    }

    static void requireSight(RoutingContext context, String stream) {
        if (!Caller.of(context).seesStream(stream)) {
            throw Failure.FORBIDDEN.because("This caller may not consume anything of " + stream);
        }
    }

    private static Response answer(StoredMessage message, CloudEventNegotiation negotiation) {
        if (Subject.reserved(message.subject())) {
            throw Failure.RESERVED_SUBJECT.because("The subject of the message is reserved for NATS");
        }
        return UntrustedContent.protect(negotiation.represent(message))
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .header("Nats-Subject", HeaderText.value(message.subject()))
                .header("Nats-Sequence", message.sequence())
                .header("Nats-Time-Stamp", message.at())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** What a purge removes. */
    public record PurgeRequest(
            @JsonProperty("subject") @Nullable String subject,
            @JsonProperty("seq") @Min(1) @Nullable Long seq,
            @JsonProperty("keep") @Min(0) @Nullable Long keep) {

        private Purge purge() {
            return new Purge(subject == null ? null : new SubjectPattern(subject), seq, keep);
        }
    }

    /** The number of messages that a purge has removed. */
    public record Purged(long purged) {}

    /** One page of streams. {@code next_offset} is present if there are more, {@code unavailable} if it has names. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Listing(
            List<StreamView> streams,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> unavailable,
            @JsonProperty("next_offset") @Nullable Integer nextOffset) {

        private static Listing of(ListPage<StreamInfo> page) {
            return new Listing(
                    page.items().stream().map(StreamView::listed).toList(), page.unavailable(), page.nextOffset());
        }
    }
}
