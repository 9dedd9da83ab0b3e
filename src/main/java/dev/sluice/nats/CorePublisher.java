package dev.sluice.nats;

import io.nats.client.Connection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Publishes to core NATS: at most once, to the current subscribers. */
@Singleton
public final class CorePublisher {
    private final NatsLink link;
    private final MessageTracing tracing;
    private final LongAdder published = new LongAdder();

    @Inject
    public CorePublisher(NatsLinks links, MessageTracing tracing) {
        this.link = links.publishing();
        this.tracing = tracing;
    }

    /** Creates a publisher without tracing. */
    public CorePublisher(NatsLinks links) {
        this(links, MessageTracing.OFF);
    }

    /**
     * Passes the message to the connection. Does not guarantee that the message is sent or delivered. Does not block,
     * except for at most {@code sluice.nats.outgoing-wait} if the outgoing queue is full.
     *
     * @throws dev.sluice.failure.SluiceException {@code FORBIDDEN} if the server has recently denied publishing to this
     *     subject, {@code UNAVAILABLE} while NATS is unreachable, {@code TOO_LARGE}, {@code INVALID} headers, or
     *     {@code OVERLOADED} if the outgoing queue of the connection is full
     */
    public void publish(OutboundMessage message) {
        link.denied().check(message.subject().value());
        Connection connection = link.connection();
        Map<String, List<String>> headers = tracing.here().continued(message.headers());
        MessageSender.send(connection, message.subject().value(), null, headers, message.data());
        published.increment();
    }

    /** Returns the number of messages passed to the connection. */
    public long published() {
        return published.sum();
    }
}
