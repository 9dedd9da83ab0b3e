package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Completion;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.flow.OrderedWindow;
import dev.sluice.flow.Ticker;
import dev.sluice.nats.MessageTracing;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Trace;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Publishes messages to JetStream and reports when a stream has stored them.
 *
 * <p>A message without a {@code Nats-Msg-Id} gets one, so that a message that is sent again, after a reconnect or
 * without an answer in time, is stored once. Sending again may change the order of messages that are in flight at the
 * same time. A caller that needs an order publishes one message after the other, or sets an expectation in the message
 * headers.
 *
 * <p>Does not block, except for at most {@code sluice.nats.outgoing-wait} if the outgoing queue is full. A result is
 * emitted on the reader thread of the connection, which must not be blocked, on the ticker's thread at the deadline, or
 * on the subscriber's thread if it is known immediately. A subscriber that does more than pass it on must move to its
 * own thread ({@code emitOn}). Cancelling discards the result; a message that was sent remains sent.
 *
 * <p>Failures are {@link SluiceException}s: {@code NO_STREAM}, {@code WRONG_SEQUENCE}, {@code TOO_LARGE},
 * {@code STREAM_FULL}, {@code INVALID}, {@code NOT_SUPPORTED}; {@code OVERLOADED} if a limit of Sluice or the server is
 * reached; {@code FORBIDDEN} if the server does not permit Sluice's user to publish to the subject; {@code IN_PROCESS}
 * if a message with the same id is being stored; {@code UNAVAILABLE} if it is certain that nothing was stored,
 * {@code OUTCOME_UNKNOWN} if it is not.
 */
@Singleton
public final class StoredPublisher implements Limited, AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(50);

    private final PublishCounters counters = new PublishCounters();
    private final MessageTracing tracing;
    private final int streamWindow;
    private final long streamBytes;
    private final Limit singles;
    private final Limit singleBytes;
    private final Limit streams;
    private final InFlight inFlight;
    private final PublishPipeline pipeline;
    private final Runnable stopListening;
    private final Ticker ticker = new Ticker(TICK, "sluice-publish-ticker");
    /** Ticks while a publish is in flight. */
    private final Ticker.Task ticking = ticker.task(this::tick);

    private final CompletableFuture<Void> quiet = new CompletableFuture<>();
    private volatile boolean quiescing;

    @Inject
    public StoredPublisher(NatsLinks links, JetStreamApis jetStream, PublishConfig config, MessageTracing tracing) {
        this(links.publishing(), jetStream.publishing(StreamLookup.TIMEOUT), config, tracing);
    }

    StoredPublisher(NatsLink link, JetStreamApi api, PublishConfig config, MessageTracing tracing) {
        this.tracing = tracing;
        streamWindow = config.streamWindow();
        streamBytes = config.streamBytes().asLongValue();
        singles = new Limit("sluice.publish.window", config.window());
        singleBytes =
                new Limit("sluice.publish.window-bytes", config.windowBytes().asLongValue());
        streams = new Limit("sluice.publish.streams", config.streams());
        inFlight = new InFlight(
                config.window() + config.streams() * config.streamWindow() + config.uploads() * config.uploadWindow());
        pipeline = new PublishPipeline(link, new StreamLookup(api), config, inFlight, counters, ticking::start);
        stopListening = link.listen(pipeline);
    }

    /** Creates this bean at startup, so that the inbox is open before the first publish. */
    void start(@Observes StartupEvent event) {}

    /**
     * Publishes {@code message} at each subscription. Fails immediately with {@code UNAVAILABLE} while NATS is
     * unreachable, and with {@code OVERLOADED} when the window is full.
     */
    public Uni<Receipt> publish(OutboundMessage message) {
        return tracing.sending("publish", message, traced -> publish(Publication.of(traced)));
    }

    /** As {@link #publish(OutboundMessage)}, but also to reserved NATS subjects. Only for the JetStream packages. */
    public Uni<Receipt> publish(Publication message) {
        return Uni.createFrom().emitter(emitter -> publishSingle(message, Completion.of(emitter)));
    }

    /**
     * Publishes {@code message} now, as {@link #publish(OutboundMessage)} does at a subscription, without a pipeline
     * for the single result.
     */
    public void publish(OutboundMessage message, Completion<Receipt> completion) {
        if (tracing.off()) {
            publishSingle(Publication.of(message), completion);
        } else {
            publish(message).subscribe().with(completion::complete, completion::fail);
        }
    }

    /**
     * Publishes all {@code messages} and emits their receipts in the order of the messages. Up to one window of
     * messages is in flight, ahead of demand; more {@code messages} are requested as receipts are consumed. The first
     * failure fails the stream after the receipts of the preceding messages; up to one window of later messages may
     * have been stored by then. Messages that arrive while NATS is unreachable wait for it, until their deadline.
     */
    public Multi<Receipt> publish(Multi<OutboundMessage> messages) {
        Trace here = tracing.here();
        return window(messages.map(here::continued), OutboundMessage::size, this::publishOfStream);
    }

    /**
     * As {@link #publish(Multi)}, but a failed message does not end the stream: each item has its outcome, in order.
     *
     * @param message creates the message of an item; a {@code SluiceException} that it throws is the outcome of the
     *     item
     * @param result creates, from an item, the function from its outcome to the emitted result; the item is not
     *     retained
     */
    public <T, R> Multi<R> publishEach(
            Multi<T> items,
            Function<? super T, OutboundMessage> message,
            Function<? super T, Function<PublishOutcome, R>> result) {
        Trace here = tracing.here();
        Function<T, OutboundMessage> traced = item -> here.continued(message.apply(item));
        return window(
                items.map(item -> PublishCandidate.of(item, traced, result)),
                PublishCandidate::bytes,
                this::publishCandidate);
    }

    /**
     * Publishes one chunk of an upload, which limits its chunks in flight itself. As a message of a stream of messages,
     * it waits while NATS is unreachable, until its deadline.
     */
    public void publishChunk(Publication chunk, Completion<Receipt> completion) {
        pipeline.submit(chunk, PublishPipeline.WhileAway.WAIT, completion);
    }

    /** Returns the number of publishes that wait for an answer. */
    public int inFlight() {
        return inFlight.count();
    }

    /** Returns whether NATS is reachable. Single publishes are refused while it is not. */
    public boolean reachable() {
        return pipeline.reachable();
    }

    public PublishCounters counters() {
        return counters;
    }

    /**
     * Refuses new messages from now on ({@code UNAVAILABLE}) and completes when none is in flight. Call it before the
     * connection is drained, because a drain loses the outstanding answers. Fails with {@code TIMEOUT} after
     * {@code timeout}.
     */
    public Uni<Void> quiesce(Duration timeout) {
        return Uni.createFrom()
                .completionStage(() -> {
                    pipeline.close();
                    quiescing = true;
                    ticking.start();
                    return quiet.copy();
                })
                .ifNoItem()
                .after(timeout)
                .failWith(() -> Failure.TIMEOUT.because(inFlight() + " publishes are still without an answer"));
    }

    /** Returns what ingests share with this publisher: limits, counters and the single publish pipeline. */
    IngestContext meansOfIngest(NatsLink link, PublishConfig config, JetStreamApi api) {
        return new IngestContext(link, config, api, inFlight, pipeline);
    }

    /** Runs {@code work} every {@link #TICK} until the returned handle is run. */
    Runnable onTick(Runnable work) {
        return ticker.onTick(work);
    }

    @Override
    public List<Limit> limits() {
        return List.of(singles, singleBytes, streams);
    }

    @Override
    @PreDestroy
    public void close() {
        pipeline.close();
        stopListening.run();
        ticker.close();
    }

    /**
     * Publishes a stream of items with {@code work}, within the limits of one stream. Fails with {@code OVERLOADED} if
     * there are too many streams.
     */
    <T, R> Multi<R> window(Multi<T> items, ToLongFunction<? super T> bytes, BiConsumer<? super T, Completion<R>> work) {
        Multi<R> published = new OrderedWindow<>(items, streamWindow, streamBytes, bytes, work);
        return streams.guard(1, published, () -> overloaded(streams, "Too many streams of messages are published"));
    }

    private void publishSingle(Publication message, Completion<Receipt> completion) {
        int bytes = message.data().length;
        if (!singles.tryTake(1)) {
            completion.fail(overloaded(singles, "Too many publishes wait for their stream"));
        } else if (!singleBytes.tryTake(bytes)) {
            singles.release(1);
            completion.fail(overloaded(singleBytes, "Too many bytes wait for their stream"));
        } else {
            pipeline.submit(message, PublishPipeline.WhileAway.REFUSE, new SinglePublish(completion, bytes));
        }
    }

    /** Passes on the result of one publish and releases its permits. */
    private final class SinglePublish implements Completion<Receipt> {
        private final Completion<Receipt> completion;
        private final int bytes;

        private SinglePublish(Completion<Receipt> completion, int bytes) {
            this.completion = completion;
            this.bytes = bytes;
        }

        @Override
        public void complete(Receipt receipt) {
            giveBack();
            completion.complete(receipt);
        }

        @Override
        public void fail(Throwable failure) {
            giveBack();
            completion.fail(failure);
        }

        private void giveBack() {
            singles.release(1);
            singleBytes.release(bytes);
        }
    }

    private void publishOfStream(OutboundMessage message, Completion<Receipt> completion) {
        pipeline.submit(Publication.of(message), PublishPipeline.WhileAway.WAIT, completion);
    }

    private <R> void publishCandidate(PublishCandidate<R> candidate, Completion<R> completion) {
        Completion<Receipt> outcome = candidate.outcome(completion);
        if (candidate instanceof PublishCandidate.Accepted<R> accepted) {
            publishOfStream(accepted.message(), outcome);
        } else if (candidate instanceof PublishCandidate.Rejected<R> rejected) {
            outcome.fail(rejected.cause());
        }
    }

    private SluiceException overloaded(Limit limit, String rule) {
        counters.failed(Failure.OVERLOADED);
        return limit.refusal(rule + "; nothing was sent");
    }

    private void tick() {
        pipeline.tick();
        if (inFlight() > 0) {
            return;
        }
        if (quiescing) {
            quiet.complete(null);
        }
        ticking.stop();
        if (inFlight() > 0 || (quiescing && !quiet.isDone())) {
            ticking.start();
        }
    }
}
