package dev.sluice.http.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.http.HttpConfig;
import dev.sluice.nats.CorePublisher;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.publish.StoredPublisher;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.function.Function;

/** Publishes the messages of one request, each with its own receipt. */
@Singleton
final class LinePublisher {
    private static final Backoff PAUSE = new Backoff(Duration.ofMillis(5), Duration.ofMillis(5));

    private final CorePublisher core;
    private final StoredPublisher stored;
    private final Duration timeout;

    @Inject
    LinePublisher(CorePublisher core, StoredPublisher stored, HttpConfig config) {
        this.core = core;
        this.stored = stored;
        this.timeout = config.lineTimeout();
    }

    /**
     * Returns the receipts, in the order of the lines.
     *
     * @param message creates the message of a line; a {@code SluiceException} that it throws is the result of the line
     * @param waitForStream whether a stream must confirm each message
     * @param path path of the request
     */
    Multi<LineReceipt> publish(
            Multi<Line> lines, Function<Line, OutboundMessage> message, boolean waitForStream, String path) {
        return waitForStream
                ? stored.publishEach(lines, message, line -> LineReceipt.of(line, path))
                : lines.onItem().transformToUniAndConcatenate(line -> publishCore(line, message, path));
    }

    /** Publishes one line. Waits while the connection to NATS has no room, so its back-pressure reaches the client. */
    private Uni<LineReceipt> publishCore(Line line, Function<Line, OutboundMessage> message, String path) {
        return Uni.createFrom()
                .item(() -> message.apply(line))
                .chain(ready -> {
                    Uni<LineReceipt> attempt = Uni.createFrom().item(() -> {
                        core.publish(ready);
                        return LineReceipt.accepted(line);
                    });
                    return PAUSE.retry(attempt, Failure.OVERLOADED::matches, timeout);
                })
                .onFailure(SluiceException.class)
                .recoverWithItem(refusal -> LineReceipt.refused(line.number(), refusal, path));
    }
}
