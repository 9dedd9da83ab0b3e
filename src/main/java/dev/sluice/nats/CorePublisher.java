package dev.sluice.nats;

import io.nats.client.Connection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Publishes to core NATS: at most once, to whoever listens at that moment. */
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

    /** One that traces nothing. */
    public CorePublisher(NatsLinks links) {
        this(links, MessageTracing.OFF);
    }

    /**
     * Hands the message to the connection; never blocks. That it was handed over promises nothing more.
     *
     * @throws dev.sluice.failure.SluiceException {@code FORBIDDEN} if the server has lately said that we may not publish to
     *     this subject, {@code UNAVAILABLE} while NATS is away, {@code TOO_LARGE}, or
     *     {@code OVERLOADED} when the connection cannot send as fast as is published
     */
    public void publish(OutboundMessage message) {
        link.denied().check(message.subject().value());
        Connection connection = link.connection();
        Map<String, List<String>> headers = tracing.here().continued(message.headers());
        MessageSender.send(connection, message.subject().value(), null, headers, message.data());
        published.increment();
    }

    /** Messages handed over. */
    public long published() {
        return published.sum();
    }
}
