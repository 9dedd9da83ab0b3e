package dev.sluice.http.request;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.http.DurationText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.UntrustedContent;
import dev.sluice.http.body.MessageBody;
import dev.sluice.http.body.StreamedResponse;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.http.message.ReplyHeaders;
import dev.sluice.http.problem.ProblemMapper;
import dev.sluice.http.problem.ProblemType;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.ReplyItem;
import dev.sluice.nats.ReplyLimits;
import dev.sluice.nats.RequestConfig;
import dev.sluice.nats.Requester;
import dev.sluice.nats.ServiceError;
import dev.sluice.nats.Subject;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jboss.resteasy.reactive.RestPath;

/** Sends a request to a subject and returns the first reply, or several replies as they arrive. */
@Path("/v1/request")
public final class RequestResource implements Limited {
    private static final String TIMEOUT = "timeout";
    private static final String REPLIES = "replies";
    private static final String MAX = "max";
    private static final String STALL = "stall";
    private static final String FULL = "Too many bytes of requests wait for a reply; nothing was sent";
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration MAX_TIMEOUT = Duration.ofSeconds(30);

    private final Requester requester;
    private final MessageBody body;
    private final ObjectMapper json;
    private final Limit bytes;

    RequestResource(Requester requester, MessageBody body, RequestConfig config, ObjectMapper json) {
        this.requester = requester;
        this.body = body;
        this.json = json;
        this.bytes =
                new Limit("sluice.request.window-bytes", config.windowBytes().asLongValue());
    }

    @POST
    @Path("{subject:.+}")
    public Uni<Response> ask(@RestPath String subject, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, TIMEOUT, REPLIES, MAX, STALL);
        Duration timeout = duration(uri, TIMEOUT).orElse(DEFAULT_TIMEOUT);
        boolean many = many(uri);
        Subject target = new Subject(subject);
        Caller.of(context).require(Verb.REQUEST, target);
        Map<String, List<String>> headers = MessageHeaders.of(context.request().headers());
        if (many) {
            return stream(target, headers, limits(uri, timeout), context);
        }
        return body.read(context.request())
                .chain(data -> request(new OutboundMessage(target, headers, data), timeout))
                .map(reply -> answer(reply, uri.getPath()));
    }

    /** Writes the replies as they arrive. The item is null: the response is written already. */
    private Uni<Response> stream(
            Subject target, Map<String, List<String>> headers, ReplyLimits limits, RoutingContext context) {
        ReplyFormat format = ReplyFormat.accepted(context);
        Executor here = ContextExecutor.executor();
        return body.read(context.request())
                .chain(data -> StreamedResponse.of(
                        context,
                        format.mediaType(),
                        replies(new OutboundMessage(target, headers, data), limits)
                                .emitOn(here, 1),
                        item -> format.encode(item, json)))
                .onItem()
                .castTo(Response.class);
    }

    private Multi<ReplyItem> replies(OutboundMessage message, ReplyLimits limits) {
        return bytes.guard(message.data().length, requester.requestMany(message, limits), FULL);
    }

    private Uni<InboundMessage> request(OutboundMessage message, Duration timeout) {
        return bytes.guard(message.data().length, requester.request(message, timeout), FULL);
    }

    /** Returns whether several replies are wanted. */
    private static boolean many(UriInfo uri) {
        boolean many =
                switch (QueryParameters.single(uri, REPLIES).orElse("one")) {
                    case "one" -> false;
                    case "many" -> true;
                    default -> throw QueryParameters.wrong(REPLIES, "must be one or many");
                };
        if (!many
                && (QueryParameters.single(uri, MAX).isPresent()
                        || QueryParameters.single(uri, STALL).isPresent())) {
            throw Failure.INVALID
                    .because("The parameters max and stall need replies=many")
                    .in(REPLIES);
        }
        return many;
    }

    private static ReplyLimits limits(UriInfo uri, Duration timeout) {
        return new ReplyLimits(
                QueryParameters.sequence(uri.getQueryParameters().get(MAX), MAX).orElse(Long.MAX_VALUE),
                duration(uri, STALL).orElse(timeout),
                timeout);
    }

    private static Optional<Duration> duration(UriInfo uri, String name) {
        return QueryParameters.single(uri, name).map(text -> {
            Duration duration = DurationText.parse(text);
            if (duration == null || duration.compareTo(MAX_TIMEOUT) > 0 || duration.toMillis() < 1) {
                throw QueryParameters.wrong(name, "must be a duration such as 500ms or 2s, at most 30s");
            }
            return duration;
        });
    }

    private static Response answer(InboundMessage reply, String path) {
        return ServiceError.of(reply)
                .map(error -> ProblemMapper.answer(ProblemType.ofService(error, path)))
                .orElseGet(() -> UntrustedContent.protect(ReplyHeaders.with(Response.ok(reply.data()), reply.headers()))
                        .build());
    }

    @Override
    public List<Limit> limits() {
        return List.of(bytes);
    }
}
