package dev.sluice.http.publish;

import dev.sluice.access.Caller;
import dev.sluice.access.Verb;
import dev.sluice.cloudevents.CloudEvents;
import dev.sluice.cloudevents.ContentMode;
import dev.sluice.failure.Failure;
import dev.sluice.flow.Completion;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.http.AcceptHeader;
import dev.sluice.http.QueryParameters;
import dev.sluice.http.RouteOrder;
import dev.sluice.http.body.MessageBody;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.http.message.PublishDirectives;
import dev.sluice.http.message.PublishRequestHeaders;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.SchedulePublisher;
import dev.sluice.stream.publish.StoredPublisher;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * {@code POST /v1/publish/{subject}}: publishes the unchanged body of a request as one message, or each event of a batch
 * of CloudEvents. This is a route and not a resource because it is what most clients do: it runs right after the
 * authentication and creates no pipeline for a single result.
 */
@Singleton
final class PublishRoute {
    private static final String PATH = "/v1/publish/*";
    /** The path as a template. A subject may have slashes. */
    private static final String NAME = "/v1/publish/{subject:.+}";

    private static final Set<String> KNOWN = Set.of(AckParameter.PARAMETER);
    private static final String ACK_NONE = "ack=none";
    private static final int ACCEPTED = 202;

    private final CorePublisher core;
    private final StoredPublisher stored;
    private final SchedulePublisher schedules;
    private final CloudEventBatchPublish batches;
    private final MessageBody body;
    private final FlatSubjectHint hint;

    @Inject
    PublishRoute(
            CorePublisher core,
            StoredPublisher stored,
            SchedulePublisher schedules,
            CloudEventBatchPublish batches,
            MessageBody body,
            FlatSubjectHint hint) {
        this.core = core;
        this.stored = stored;
        this.schedules = schedules;
        this.batches = batches;
        this.body = body;
        this.hint = hint;
    }

    void register(@Observes Router router) {
        router.route(HttpMethod.POST, PATH)
                .setName(NAME)
                .order(RouteOrder.PUBLISH)
                .handler(this::publish);
    }

    private void publish(RoutingContext context) {
        PublishRequestHeaders request =
                MessageHeaders.ofPublish(context.request().headers());
        ContentMode mode = request.mode();
        if (mode != ContentMode.BATCHED) {
            AcceptHeader.requireJson(context);
        }
        boolean waitForStream = waitForStream(context);
        Subject subject = new Subject(Objects.requireNonNull(context.pathParam("*")));
        Caller.of(context).require(Verb.PUBLISH, subject);
        hint.give(subject);
        PublishDirectives.require(request.message(), waitForStream, Caller.of(context));
        if (mode == ContentMode.BATCHED) {
            batches.publish(context, subject, request, waitForStream);
            return;
        }
        Map<String, List<String>> headers = mode == ContentMode.BINARY ? request.ofBinaryEvent() : request.message();
        body.read(context.request(), new PublishExchange(context, subject, headers, mode, waitForStream));
    }

    private static boolean waitForStream(RoutingContext context) {
        String raw = context.request().query();
        if (raw == null) {
            return AckParameter.waitsForStream(null);
        }
        // The decoding of a query costs as much as the publish.
        if (raw.equals(ACK_NONE)) {
            return false;
        }
        MultiMap query = context.queryParams();
        QueryParameters.allow(query.names(), KNOWN);
        return AckParameter.waitsForStream(
                query.contains(AckParameter.PARAMETER) ? query.getAll(AckParameter.PARAMETER) : null);
    }

    /**
     * One request, from its body to its response. An event loop first reads the requests of all its connections that
     * are ready. Their messages are published after that, in a row, and their responses follow: the writer of the NATS
     * connection is woken once and sends the messages together, instead of once for each request.
     */
    private final class PublishExchange implements Completion<byte[]> {
        private final RoutingContext request;
        private final Executor eventLoop;
        private final Subject subject;
        private final Map<String, List<String>> headers;
        private final ContentMode mode;
        private final boolean waitForStream;

        PublishExchange(
                RoutingContext request,
                Subject subject,
                Map<String, List<String>> headers,
                ContentMode mode,
                boolean waitForStream) {
            this.request = request;
            this.eventLoop = ContextExecutor.of(request);
            this.subject = subject;
            this.headers = headers;
            this.mode = mode;
            this.waitForStream = waitForStream;
        }

        @Override
        public void complete(byte[] data) {
            eventLoop.execute(() -> publish(new OutboundMessage(subject, headers, data)));
        }

        @Override
        public void fail(Throwable failure) {
            request.fail(failure);
        }

        private void publish(OutboundMessage message) {
            // An exception of this task would not reach the router, and the client would wait forever.
            try {
                if (mode == ContentMode.STRUCTURED) {
                    CloudEvents.requireEvent(message.data());
                }
                if (PublishDirectives.schedules(headers)) {
                    ReceiptExchange exchange = new ReceiptExchange(request, subject, eventLoop);
                    schedules.publish(message).subscribe().with(exchange::complete, exchange::fail);
                } else if (waitForStream) {
                    stored.publish(message, new ReceiptExchange(request, subject, eventLoop));
                } else {
                    core.publish(message);
                    eventLoop.execute(this::accept);
                }
            } catch (RuntimeException refused) {
                request.fail(refused);
            }
        }

        private void accept() {
            if (!request.response().closed()) {
                request.response().setStatusCode(ACCEPTED).end();
            }
        }
    }

    /** Answers a request with the receipt of its message, on the event loop of the request. */
    private static final class ReceiptExchange implements Completion<Receipt> {
        private final RoutingContext request;
        private final Subject subject;
        private final Executor eventLoop;

        ReceiptExchange(RoutingContext request, Subject subject, Executor eventLoop) {
            this.request = request;
            this.subject = subject;
            this.eventLoop = eventLoop;
        }

        @Override
        public void complete(Receipt receipt) {
            eventLoop.execute(() -> answer(receipt));
        }

        @Override
        public void fail(Throwable failure) {
            eventLoop.execute(() -> refuse(failure));
        }

        private void answer(Receipt receipt) {
            if (!request.response().closed()) {
                ReceiptView.of(receipt).send(request);
            }
        }

        private void refuse(Throwable failure) {
            if (!request.response().closed()) {
                request.fail(Failure.NO_STREAM.matches(failure) ? withAlternative(failure) : failure);
            }
        }

        private Throwable withAlternative(Throwable noStream) {
            return Failure.NO_STREAM
                    .because(noStream.getMessage() + "; ack=none publishes it without storing it")
                    .onSubject(subject.value());
        }
    }
}
