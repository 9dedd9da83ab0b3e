package dev.sluice.nats;

import dev.sluice.failure.Failure;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Publishes to core NATS: at most once, to whoever listens at that moment. */
@Singleton
public final class CorePublisher {
    private final NatsLink link;
    private final LongAdder published = new LongAdder();

    @Inject
    public CorePublisher(NatsLinks links) {
        this.link = links.publishing();
    }

    /**
     * Hands the message to the connection; never blocks. That it was handed over promises nothing more.
     *
     * @throws dev.sluice.failure.SluiceException {@code UNAVAILABLE} while NATS is away, {@code TOO_LARGE}, or
     *     {@code OVERLOADED} when the connection cannot send as fast as is published
     */
    public void publish(OutboundMessage message) {
        Connection connection = link.connection();
        Message outgoing = NatsMessage.builder()
                .subject(message.subject().value())
                .headers(headers(message))
                .data(message.data())
                .build();
        long size = (long) message.data().length + headerBytes(outgoing);
        if (size > connection.getMaxPayload()) {
            throw Failure.TOO_LARGE.because("The message has " + size + " bytes with its headers; the server takes "
                    + connection.getMaxPayload());
        }
        try {
            connection.publish(outgoing);
        } catch (IllegalStateException e) {
            throw Failure.OVERLOADED.because("More is published than the connection to NATS can send", e);
        }
        published.increment();
    }

    private static @Nullable Headers headers(OutboundMessage message) {
        if (message.headers().isEmpty()) {
            return null;
        }
        Headers headers = new Headers();
        message.headers().forEach(headers::add);
        return headers;
    }

    private static int headerBytes(Message message) {
        Headers headers = message.getHeaders();
        return headers == null ? 0 : headers.serializedLength();
    }

    /** Messages handed over. */
    public long published() {
        return published.sum();
    }
}
