package dev.sluice.http.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.access.AccessLimit;
import dev.sluice.access.OpenRequest;
import dev.sluice.cloudevents.CloudEvents;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.http.JsonText;
import dev.sluice.http.body.MessageBody;
import dev.sluice.http.body.StreamedResponse;
import dev.sluice.http.message.MessageHeaders;
import dev.sluice.http.message.PublishRequestHeaders;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Publishes a batch of CloudEvents: each event is one message, and has one receipt. A batch with an invalid event is
 * refused as a whole, before the first one is published.
 */
@Singleton
final class CloudEventBatchPublish {
    private static final int RECEIPTS_AT_ONCE = 64;

    private final LinePublisher publisher;
    private final MessageBody body;
    private final ObjectMapper json;

    @Inject
    CloudEventBatchPublish(LinePublisher publisher, MessageBody body, ObjectMapper json) {
        this.publisher = publisher;
        this.body = body;
        this.json = json;
    }

    /** Answers the request. Must be called on its event loop. */
    void publish(RoutingContext context, Subject subject, PublishRequestHeaders request, boolean waitForStream) {
        MessageHeaders.requireSharable(request.message());
        Map<String, List<String>> headers = request.ofBatchedEvent();
        if (waitForStream) {
            OpenRequest.of(context).begin(AccessLimit.OPEN_BULK_PUBLISHES);
        }
        body.read(context.request())
                .map(CloudEventBatchPublish::events)
                .chain(events -> send(context, events, subject, headers, waitForStream))
                .subscribe()
                .with(sent -> {}, context::fail);
    }

    private Uni<Void> send(
            RoutingContext context,
            List<Line> events,
            Subject subject,
            Map<String, List<String>> headers,
            boolean waitForStream) {
        Multi<List<LineReceipt>> receipts = publisher
                .publish(
                        Multi.createFrom().iterable(events),
                        event -> new OutboundMessage(subject, headers, event.text()),
                        waitForStream,
                        Objects.requireNonNull(context.request().path()))
                .group()
                .intoLists()
                .of(RECEIPTS_AT_ONCE)
                .emitOn(ContextExecutor.of(context), 1);
        HttpServerRequest seen = context.request();
        return StreamedResponse.of(context, JsonText.NDJSON, receipts, batch -> lines(batch, seen));
    }

    private byte[] lines(List<LineReceipt> receipts, HttpServerRequest request) {
        return JsonText.lines(json, receipts.stream().map(receipt -> receipt.seenBy(request)));
    }

    private static List<Line> events(byte[] batch) {
        List<Line> events = new ArrayList<>();
        for (byte[] event : CloudEvents.split(batch)) {
            events.add(new Line(events.size() + 1L, event));
        }
        return events;
    }
}
