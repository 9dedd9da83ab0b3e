package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Backoff;
import dev.sluice.nats.NatsLink;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.StreamInfo;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/** What all ingests share: their bounds, the way to JetStream, and the thread of the answers, one for each connection. */
final class IngestContext {
    private static final int MOST_FLOW = 500;

    private final NatsLink link;
    private final PublishConfig config;
    private final JetStreamApi api;
    private final InFlight inFlight;
    private final PublishPipeline single;
    private @Nullable Connection connection;
    private @Nullable Dispatcher dispatcher;

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

    /** Two acknowledgements may be outstanding, so each is for half a window; servers give no more than 500. */
    int flow() {
        return Math.max(1, Math.min(MOST_FLOW, config.streamWindow() / 2));
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

    /** The way of single messages. */
    PublishPipeline single() {
        return single;
    }

    Uni<StreamInfo> streamInfo(String stream) {
        return api.streamInfo(stream).onFailure().transform(IngestContext::refusal);
    }

    /** As {@link #streamInfo}, waiting for NATS until the deadline of a publish. */
    Uni<StreamInfo> firstStreamInfo(String stream) {
        return streamInfo(stream)
                .onFailure(failure -> refusal(failure).failure() == Failure.UNAVAILABLE)
                .retry()
                .withBackOff(config.backoff(), config.maxBackoff())
                .expireIn(config.deadline().toMillis())
                .onFailure()
                .transform(IngestContext::refusal);
    }

    /** Returns what a failed request means for messages whose stream is not known: none of them was sent. */
    private static SluiceException refusal(Throwable failure) {
        return failure instanceof SluiceException known
                ? known
                : Failure.UNAVAILABLE.because("The stream could not be looked at", failure);
    }

    /**
     * Counts {@code line} among the publishes that are under way, until it is {@link #left}.
     *
     * @throws dev.sluice.failure.SluiceException if it may not be sent
     */
    void admit(IngestLine line) {
        long limit = link.maxPayload();
        if (line.size() > limit) {
            throw Failure.TOO_LARGE.because("A message with its headers has at most %d bytes here, this one has %d"
                    .formatted(limit, line.size()));
        }
        if (single.closing()) {
            throw Failure.UNAVAILABLE.because("This server is shutting down; nothing was sent");
        }
        if (!inFlight.claim()) {
            throw Failure.OVERLOADED.because("Too many publishes wait for their stream; nothing was sent");
        }
    }

    void left(long lines) {
        inFlight.release(Math.toIntExact(lines));
    }

    /** Without limits: no more answers come than there were messages, and those are bounded. */
    synchronized Dispatcher dispatcher(Connection now) {
        Dispatcher current = dispatcher;
        if (current == null || connection != now) {
            current = now.createDispatcher();
            current.setPendingLimits(0, 0);
            connection = now;
            dispatcher = current;
        }
        return current;
    }
}
