package dev.sluice.http.pull;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.AckTokens;
import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.flow.Buffers;
import dev.sluice.http.DurationText;
import dev.sluice.http.HttpConfig;
import dev.sluice.http.JsonText;
import dev.sluice.http.body.ResponseBytes;
import dev.sluice.http.body.StreamedResponse;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.catalog.Catalog;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.FetchRequest;
import dev.sluice.stream.pull.PullSubscriptions;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/**
 * Fetches messages from a consumer. If the client disconnects, the fetch ends at once and the deliveries that were not
 * sent are returned to the consumer.
 */
@Path("/v1/streams")
public final class FetchResource {
    private final Catalog catalog;
    private final PullSubscriptions pulls;
    private final AckTokens tokens;
    private final HttpConfig.Fetch bounds;
    private final ObjectMapper json;
    private final ObjectWriter line;
    private final FetchSlots slots;
    private final ReservedDeliveries reserved;

    FetchResource(
            Catalog catalog,
            PullSubscriptions pulls,
            AckTokens tokens,
            FetchSlots slots,
            ReservedDeliveries reserved,
            HttpConfig config,
            ObjectMapper json) {
        this.catalog = catalog;
        this.pulls = pulls;
        this.tokens = tokens;
        this.bounds = config.fetch();
        this.json = json;
        this.line = json.writerFor(DeliveryView.class).withRootValueSeparator("\n");
        this.slots = slots;
        this.reserved = reserved;
    }

    @POST
    @Path("{stream}/consumers/{consumer}/fetch")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Void> fetch(
            @RestPath String stream,
            @RestPath String consumer,
            @Valid @Nullable FetchOptions body,
            @Context RoutingContext context) {
        ConsumerRef ref = allowed(stream, consumer, context);
        FetchRequest request = request(body);
        UnsentDeliveries unsent = new UnsentDeliveries(context);
        OpenRequest.of(context).begin(AccessLimit.OPEN_FETCHES);
        return pulls.fetchWhole(ref, request, catalog.requireReadable(stream), slots::take)
                .map(reserved::leaveOut)
                .invoke(unsent::take)
                .invoke(deliveries -> send(context, fetched(deliveries)))
                .replaceWithVoid()
                .onFailure()
                .invoke(unsent::giveBack);
    }

    /** Streams messages as they arrive, one per line. A batch is written after the previous one has been written. */
    @POST
    @Path("{stream}/consumers/{consumer}/fetch")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(JsonText.NDJSON)
    public Uni<Void> stream(
            @RestPath String stream,
            @RestPath String consumer,
            @Valid @Nullable FetchOptions body,
            @Context RoutingContext context) {
        ConsumerRef ref = allowed(stream, consumer, context);
        FetchRequest request = request(body);
        UnsentDeliveries unsent = new UnsentDeliveries(context);
        OpenRequest.of(context).begin(AccessLimit.OPEN_FETCHES);
        Multi<byte[]> batches = pulls.fetch(ref, request, catalog.requireReadable(stream), slots::take)
                .map(reserved::leaveOut)
                .filter(batch -> !batch.isEmpty())
                .invoke(unsent::take)
                .map(this::lines)
                .onFailure()
                .invoke(unsent::giveBack)
                .onCancellation()
                .invoke(unsent::giveBack);
        return StreamedResponse.of(context, JsonText.NDJSON, batches, Function.identity());
    }

    private static ConsumerRef allowed(String stream, String consumer, RoutingContext context) {
        ConsumerRef ref = new ConsumerRef(stream, consumer);
        Caller.of(context).require(Verb.CONSUME, ref);
        return ref;
    }

    private FetchRequest request(@Nullable FetchOptions body) {
        FetchOptions options = Objects.requireNonNullElse(body, FetchOptions.NOTHING);
        boolean waits = !Boolean.TRUE.equals(options.noWait());
        int batch = (int) within("batch", options.batch(), bounds.batch(), bounds.maxBatch());
        long bytes = within(
                "max_bytes",
                options.maxBytes(),
                bounds.size().asLongValue(),
                bounds.maxSize().asLongValue());
        Duration expires = Objects.requireNonNullElse(options.expires(), bounds.expires());
        if (expires.isZero() || expires.compareTo(bounds.maxExpires()) > 0) {
            throw Failure.INVALID.because(
                    "expires must be more than zero and at most " + DurationText.of(bounds.maxExpires()));
        }
        return new FetchRequest(batch, bytes, waits ? expires : bounds.noWait(), waits);
    }

    private static long within(String field, @Nullable Long asked, long otherwise, long most) {
        if (asked != null && (asked < 1 || asked > most)) {
            throw Failure.INVALID.because(field + " must be 1 to " + most);
        }
        return Objects.requireNonNullElse(asked, otherwise);
    }

    private void send(RoutingContext context, Fetched fetched) {
        HttpServerResponse response = context.response();
        if (!response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, ResponseBytes.JSON);
            OpenRequest.of(context).end(Buffers.wrap(document(fetched)));
        }
    }

    private byte[] document(Fetched fetched) {
        try {
            return json.writeValueAsBytes(fetched);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Fetched fetched(List<Delivery> deliveries) {
        return new Fetched(deliveries.stream().map(this::shown).toList());
    }

    private byte[] lines(List<Delivery> batch) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        try (SequenceWriter writer = line.writeValues(lines)) {
            for (Delivery delivery : batch) {
                writer.write(shown(delivery));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.write('\n');
        return lines.toByteArray();
    }

    private DeliveryView shown(Delivery delivery) {
        return DeliveryView.of(delivery, tokens);
    }

    /** The parameters of a fetch. An omitted field has its default. */
    public record FetchOptions(
            @Nullable Long batch,

            @JsonDeserialize(using = DurationText.Reader.class) @Nullable
            Duration expires,

            @JsonProperty("max_bytes") @Nullable Long maxBytes,
            @JsonProperty("no_wait") @Nullable Boolean noWait) {
        private static final FetchOptions NOTHING = new FetchOptions(null, null, null, null);
    }

    /** The fetched messages. The list may be empty. */
    public record Fetched(List<DeliveryView> messages) {}
}
