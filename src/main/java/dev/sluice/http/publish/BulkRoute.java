package dev.sluice.http.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.Caller;
import dev.sluice.access.OpenRequest;
import dev.sluice.access.Sessions;
import dev.sluice.access.Verb;
import dev.sluice.failure.Failure;
import dev.sluice.http.HttpConfig;
import dev.sluice.http.JsonText;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.RouteOrder;
import dev.sluice.http.body.BodyBytes;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.publish.AtomicPublisher;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * {@code POST /v1/publish}: one message per request line, one receipt per response line. This is a route and not a
 * resource because both bodies stream at the same time. It runs right after the authentication, before {@code ContentLengthFilter},
 * because the length of the body is unknown; each line has a limit instead.
 *
 * <p>Lines are ordinary stored publishes, not fast-ingest batches ({@code StreamIngest}): these acknowledge groups of
 * messages, and a receipt needs the sequence of its own message and whether that was a duplicate.
 */
@Singleton
final class BulkRoute {
    static final String PATH = "/v1/publish";

    private static final String ATOMIC = "atomic";
    private static final Set<String> KNOWN = Set.of(AckParameter.PARAMETER, ATOMIC);

    private final LinePublisher publisher;
    private final AtomicPublisher batches;
    private final FlatSubjectHint hint;
    private final Sessions sessions;
    private final BodyBytes bytes;
    private final HttpConfig config;
    private final ObjectMapper json;
    private final int maxMessage;
    private final int maxLine;

    @Inject
    BulkRoute(
            LinePublisher publisher,
            AtomicPublisher batches,
            FlatSubjectHint hint,
            Sessions sessions,
            BodyBytes bytes,
            HttpConfig config,
            ObjectMapper json) {
        this.publisher = publisher;
        this.batches = batches;
        this.hint = hint;
        this.sessions = sessions;
        this.bytes = bytes;
        this.config = config;
        this.json = json;
        this.maxMessage = Math.toIntExact(config.maxMessageSize().asLongValue());
        this.maxLine = Math.toIntExact(config.maxLineSize().asLongValue());
    }

    void register(@Observes Router router) {
        router.route(HttpMethod.POST, PATH).order(RouteOrder.BULK).handler(this::begin);
    }

    private void begin(RoutingContext context) {
        requireLines(context);
        MessageHeaders.requireNone(context.request().headers());
        MultiMap query = context.queryParams();
        QueryParameters.allow(query.names(), KNOWN);
        boolean waitForStream = AckParameter.waitsForStream(query.getAll(AckParameter.PARAMETER));
        Function<Line, OutboundMessage> message = message(Caller.of(context));
        boolean atomic = atomic(query);
        if (waitForStream) {
            OpenRequest.of(context).begin(AccessLimit.OPEN_BULK_PUBLISHES);
        }
        if (!atomic) {
            new BulkExchange(context, maxLine, bytes, config.lineTimeout(), json)
                    .begin(lines -> publisher.publish(lines, message, waitForStream, PATH));
        } else if (waitForStream) {
            new AtomicExchange(context, maxLine, bytes).begin(batches, message, config.bodyTimeout());
        } else {
            throw QueryParameters.wrong(ATOMIC, "requires ack=stored: core NATS has no batches");
        }
    }

    private static boolean atomic(MultiMap query) {
        return QueryParameters.flag(query.getAll(ATOMIC), ATOMIC, false);
    }

    private static void requireLines(RoutingContext context) {
        String type = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        String essence = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!essence.equals(JsonText.NDJSON)) {
            throw Failure.UNSUPPORTED_MEDIA_TYPE.because(
                    "Without a subject in the path, the Content-Type must be " + JsonText.NDJSON);
        }
    }

    /**
     * Returns a function that parses a line and checks its size and whether the caller may publish to its subject. The
     * subject is not known earlier.
     */
    private Function<Line, OutboundMessage> message(Caller caller) {
        return line -> {
            OutboundMessage message = LineParser.read(line.text());
            caller.require(Verb.PUBLISH, message.subject());
            sessions.requireValid(caller);
            if (message.data().length > maxMessage) {
                throw Failure.TOO_LARGE.because("A message may have at most " + maxMessage + " bytes");
            }
            hint.give(message.subject());
            return message;
        };
    }
}
