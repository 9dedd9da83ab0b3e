package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.nats.Dispatchers;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.StreamInfo;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.smallrye.mutiny.Uni;

/** The state shared by all ingests: limits, JetStream access, and one answer dispatcher per connection. */
final class IngestContext {
    private static final int MAX_ACK_INTERVAL = 500;

    private final NatsLink link;
    private final PublishConfig config;
    private final JetStreamApi api;
    private final InFlight inFlight;
    private final PublishPipeline single;
    private final Dispatchers dispatchers = new Dispatchers(1);

    IngestContext(NatsLink link, PublishConfig config, JetStreamApi api, InFlight inFlight, PublishPipeline single) {
        this.link = link;
        this.config = config;
        this.api = api;
        this.inFlight = inFlight;
        this.single = single;
    }

    int window() {
        return config.streamWindow();
    }

    /** Returns the messages per ack: half a window, as two acks may be outstanding. Servers limit it to 500. */
    int flow() {
        return Math.max(1, Math.min(MAX_ACK_INTERVAL, config.streamWindow() / 2));
    }

    long ackTimeout() {
        return config.ackTimeout().toNanos();
    }

    long linger() {
        return config.ingestLinger().toNanos();
    }

    long deadline() {
        return config.deadline().toNanos();
    }

    Backoff backoff() {
        return new Backoff(config.backoff(), config.maxBackoff());
    }

    PublishCounters counters() {
        return single.counters();
    }

    /** Returns the pipeline for single messages. */
    PublishPipeline single() {
        return single;
    }

    Uni<StreamInfo> streamInfo(String stream) {
        return api.streamInfo(stream).onFailure().transform(IngestContext::refusal);
    }

    /** As {@link #streamInfo}, but retries while NATS is unavailable, until the publish deadline. */
    Uni<StreamInfo> firstStreamInfo(String stream) {
        return backoff().retry(streamInfo(stream), Failure.UNAVAILABLE::matches, config.deadline());
    }

    /** Returns the failure for messages whose stream is unknown. None of them was sent. */
    private static SluiceException refusal(Throwable failure) {
        return failure instanceof SluiceException known
                ? known
                : Failure.UNAVAILABLE.because("The state of the stream could not be read", failure);
    }

    /**
     * Counts {@code message} as a publish in flight until {@link #left} is called.
     *
     * @throws dev.sluice.failure.SluiceException if the message must not be sent
     */
    void admit(IngestMessage message) {
        long limit = link.maxPayload();
        if (message.size() > limit) {
            throw Failure.TOO_LARGE.because("A message with its headers has at most %d bytes here, this one has %d"
                    .formatted(limit, message.size()));
        }
        if (single.closing()) {
            throw Failure.UNAVAILABLE.because("This instance is shutting down; nothing was sent");
        }
        if (!inFlight.takePermit()) {
            throw Failure.OVERLOADED.because("Too many publishes wait for their stream; nothing was sent");
        }
    }

    void left(long messages) {
        inFlight.release(Math.toIntExact(messages));
    }

    /** Returns the dispatcher of the answers. They never outnumber the messages, which are bounded. */
    Dispatcher dispatcher(Connection now) {
        return dispatchers.next(now);
    }
}
