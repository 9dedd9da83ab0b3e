package dev.sluice.http;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.flow.Permits;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.RequestConfig;
import dev.sluice.nats.Requester;
import dev.sluice.nats.ServiceError;
import dev.sluice.nats.Subject;
import io.quarkus.runtime.configuration.DurationConverter;
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
import org.jboss.resteasy.reactive.RestPath;

/** Sends a request to a subject and returns the first reply. */
@Path("/v1/request")
public final class RequestResource {
    private static final String TIMEOUT = "timeout";
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(30);

    private final Requester requester;
    private final MessageBody body;
    private final Permits bytes;

    RequestResource(Requester requester, MessageBody body, RequestConfig config) {
        this.requester = requester;
        this.body = body;
        this.bytes = new Permits(config.windowBytes().asLongValue());
    }

    @POST
    @Path("{subject:.+}")
    public Uni<Response> ask(@RestPath String subject, @Context UriInfo uri, @Context RoutingContext context) {
        QueryParameters.allow(uri, TIMEOUT);
        Duration timeout = timeout(uri);
        Subject target = new Subject(subject);
        Caller.of(context).require(Verb.REQUEST, target);
        Map<String, List<String>> headers = MessageHeaders.of(context.request().headers());
        return body.read(context.request())
                .chain(data -> request(new OutboundMessage(target, headers, data), timeout))
                .map(reply -> answer(reply, uri.getPath()));
    }

    private Uni<InboundMessage> request(OutboundMessage message, Duration timeout) {
        int size = message.data().length;
        if (!bytes.take(size)) {
            throw Failure.OVERLOADED.because("Too many bytes of requests wait for a reply; nothing was sent");
        }
        return requester.request(message, timeout).onTermination().invoke(() -> bytes.giveBack(size));
    }

    private static Duration timeout(UriInfo uri) {
        return QueryParameters.single(uri.getQueryParameters().get(TIMEOUT), TIMEOUT)
                .map(RequestResource::timeout)
                .orElse(USUAL_TIMEOUT);
    }

    private static Duration timeout(String text) {
        Duration timeout = parsed(text);
        if (timeout.compareTo(LONGEST_TIMEOUT) > 0 || timeout.toMillis() < 1) {
            throw badTimeout();
        }
        return timeout;
    }

    private static Duration parsed(String text) {
        try {
            Duration timeout = DurationConverter.parseDuration(text);
            if (timeout != null) {
                return timeout;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw badTimeout();
        }
        throw badTimeout();
    }

    private static RuntimeException badTimeout() {
        return QueryParameters.wrong(TIMEOUT, "must be a duration such as 500ms or 2s, at most 30s");
    }

    private static Response answer(InboundMessage reply, String path) {
        return ServiceError.of(reply)
                .map(error -> ProblemMapper.answer(ProblemType.ofService(error, path)))
                .orElseGet(() -> ReplyHeaders.with(Response.ok(reply.data()), reply.headers())
                        .build());
    }
}
