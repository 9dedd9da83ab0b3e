package dev.sluice.http.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Verb;
import dev.sluice.cloudevents.ContentMode;
import dev.sluice.events.MessageHistory;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.http.JsonText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.body.ResponseBytes;
import dev.sluice.http.body.StreamedResponse;
import dev.sluice.http.message.CloudEventNegotiation;
import dev.sluice.http.tail.FilterParameters;
import dev.sluice.http.tail.StartParameters;
import dev.sluice.http.tail.SubjectParameters;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.catalog.Catalog;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.StreamMessage;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of a stream without a consumer of the client's. The caller needs the permission for everything that
 * the subjects can match, as for a tail.
 */
@Path("/v1/streams")
public final class MessagesResource {
    private static final String FROM = "from";
    private static final String LIMIT = "limit";
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;

    private static final String[] KNOWN = {
        "subject", FROM, "last", LIMIT, "contains", "match", "not", "header", "level",
    };

    private final Catalog catalog;
    private final MessageHistory history;
    private final SubjectParameters subjectParameters;
    private final FilterParameters filterParameters;
    private final ResponseBytes bytes;
    private final ObjectMapper json;

    MessagesResource(
            Catalog catalog,
            MessageHistory history,
            SubjectParameters subjectParameters,
            FilterParameters filterParameters,
            ResponseBytes bytes,
            ObjectMapper json) {
        this.catalog = catalog;
        this.history = history;
        this.subjectParameters = subjectParameters;
        this.filterParameters = filterParameters;
        this.bytes = bytes;
        this.json = json;
    }

    /**
     * Returns a page of messages in stream order: as JSON, whose {@code next} is the {@code from} of the next page, or
     * as CloudEvents, with the header {@code Link}.
     */
    @GET
    @Path("{stream}/messages")
    @Produces({MediaType.APPLICATION_JSON, ContentMode.BATCH})
    public Uni<Void> page(@RestPath String stream, @Context UriInfo uri, @Context RoutingContext context) {
        return read(stream, uri, context).chain(page -> represent(page, context));
    }

    private Uni<MessageHistory.HistoryPage> read(String stream, UriInfo uri, RoutingContext context) {
        QueryParameters.allow(uri, KNOWN);
        int limit = QueryParameters.limit(uri, MAX_LIMIT).orElse(DEFAULT_LIMIT);
        MessageHistory.Query query = query(stream, context);
        Executor here = ContextExecutor.executor();
        return catalog.requireReadable(stream)
                .chain(readable -> history.page(query, limit))
                .emitOn(here);
    }

    private Uni<Void> represent(MessageHistory.HistoryPage page, RoutingContext context) {
        Optional<byte[]> events = CloudEventNegotiation.ofBatch(context).batch(page.messages());
        String mediaType = events.isPresent() ? ContentMode.BATCH : ResponseBytes.JSON;
        byte[] body =
                events.orElseGet(() -> JsonText.of(json, Messages.of(page)).getBytes(StandardCharsets.UTF_8));
        return bytes.send(context, mediaType, body, headers -> {
            page.next().ifPresent(next -> headers.add(HttpHeaders.LINK, link(context, next)));
            headers.add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        });
    }

    /** Returns the link to the next page (RFC 8288), relative to the request. */
    private static String link(RoutingContext context, long next) {
        QueryStringEncoder query = new QueryStringEncoder("");
        context.queryParams().forEach(parameter -> {
            if (!parameter.getKey().equals(FROM)) {
                query.addParam(parameter.getKey(), parameter.getValue());
            }
        });
        query.addParam(FROM, from(next));
        return "<" + query + ">; rel=\"next\"";
    }

    private static String from(long sequence) {
        return "seq:" + sequence;
    }

    /** Returns all messages, or the first {@code limit}, one per line. */
    @GET
    @Path("{stream}/messages")
    @Produces(JsonText.NDJSON)
    public Uni<Void> stream(@RestPath String stream, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, KNOWN);
        OptionalLong limit = QueryParameters.sequence(uri.getQueryParameters().get(LIMIT), LIMIT);
        MessageHistory.Query query = query(stream, context);
        Multi<List<StreamMessage>> batches = catalog.requireReadable(stream)
                .stage(FlatMapMany.flatMapMany(readable -> history.all(query, limit)))
                .emitOn(ContextExecutor.executor(), 1);
        return StreamedResponse.of(context, JsonText.NDJSON, batches, this::lines);
    }

    /** Returns what is to be read, which counts as a read of the caller. */
    private MessageHistory.Query query(String stream, RoutingContext context) {
        MultiMap query = context.queryParams();
        SubjectSet subjects = subjectParameters.read(query, SubjectSet.ALL);
        ReplayStart start = QueryParameters.single(query, FROM)
                .map(text -> QueryParameters.parse(FROM, text, StartParameters::stored))
                .orElse(ReplayStart.Edge.ALL);
        boolean last = QueryParameters.flag(query.getAll("last"), "last", false);
        MessageHistory.Query asked =
                new MessageHistory.Query(stream, subjects, filterParameters.read(query), start, last);
        Caller.of(context).requireAll(Verb.SUBSCRIBE, subjects);
        OpenRequest.of(context).begin(AccessLimit.OPEN_READS);
        return asked;
    }

    private byte[] lines(List<StreamMessage> batch) {
        return JsonText.lines(json, batch.stream().map(MessageView::of));
    }

    /** One page of messages. {@code next} is present if more may follow: the {@code from} of the next page. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Messages(
            List<MessageView> messages, @Nullable String next) {

        private static Messages of(MessageHistory.HistoryPage page) {
            return new Messages(
                    page.messages().stream().map(MessageView::of).toList(),
                    page.next().isPresent() ? from(page.next().getAsLong()) : null);
        }
    }
}
