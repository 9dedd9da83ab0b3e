package dev.sluice.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.nats.Subject;
import dev.sluice.stream.StreamInfo;
import dev.sluice.stream.catalog.Catalog;
import dev.sluice.stream.catalog.CatalogPage;
import dev.sluice.stream.message.StoredMessage;
import dev.sluice.stream.message.StoredMessages;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
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
        return catalog.streams(offset).map(page -> Listing.of(page.only(stream -> caller.seesStream(stream.name()))));
    }

    @GET
    @Path("{stream}")
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<StreamView> get(@RestPath String stream, @Context RoutingContext context) {
        requireSight(context, stream);
        return catalog.stream(stream).map(StreamView::of);
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
                .map(StreamResource::answer);
    }

    static void requireSight(RoutingContext context, String stream) {
        if (!Caller.of(context).seesStream(stream)) {
            throw Failure.FORBIDDEN.because("This caller may not consume anything of " + stream);
        }
    }

    private static Response answer(StoredMessage message) {
        if (Subject.reserved(message.subject())) {
            throw Failure.RESERVED_SUBJECT.because("The subject of the message is reserved for NATS");
        }
        return ReplyHeaders.with(Response.ok(message.data()), message.headers())
                .header("Nats-Subject", HeaderText.value(message.subject()))
                .header("Nats-Sequence", message.sequence())
                .header("Nats-Time-Stamp", message.at())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Content-Security-Policy", "default-src 'none'; sandbox")
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment")
                .build();
    }

    /** One page of streams. {@code next_offset} is present if there are more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Listing(
            List<StreamView> streams,
            @JsonProperty("next_offset") @Nullable Integer nextOffset) {

        private static Listing of(CatalogPage<StreamInfo> page) {
            return new Listing(
                    page.items().stream().map(StreamView::of).toList(),
                    page.next().isPresent() ? page.next().getAsInt() : null);
        }
    }
}
