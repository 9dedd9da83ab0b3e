package dev.sluice.http.publish;

import dev.sluice.failure.SluiceException;
import dev.sluice.http.body.BodyBytes;
import dev.sluice.http.body.UniResponse;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.publish.AtomicPublisher;
import io.smallrye.mutiny.Multi;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Function;

/** One atomic publish: collects the lines of the request and answers them with one receipt or one problem. */
final class AtomicExchange {
    private final RoutingContext routing;
    private final UploadedLines upload;

    AtomicExchange(RoutingContext routing, int maxLine, BodyBytes bytes) {
        this.routing = routing;
        this.upload = new UploadedLines(routing, maxLine, bytes);
    }

    /** @param timeout maximum time for the body to arrive */
    void begin(AtomicPublisher publisher, Function<Line, OutboundMessage> message, Duration timeout) {
        Multi<OutboundMessage> messages = upload.multi()
                .invoke(line -> line.taken().run())
                .map(line -> read(line, message))
                .onTermination()
                .invoke(upload::close);
        UniResponse.send(routing, publisher.publish(messages, timeout), receipt -> ReceiptView.of(receipt)
                .send(routing));
    }

    private static OutboundMessage read(Line line, Function<Line, OutboundMessage> message) {
        try {
            return message.apply(line);
        } catch (SluiceException e) {
            throw e.withDetail("Line " + line.number() + ": " + e.getMessage());
        }
    }
}
