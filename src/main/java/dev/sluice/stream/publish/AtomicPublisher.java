package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.StreamInfo;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Publishes several messages to one stream, all or none, as an atomic batch (ADR-50). Requires nats-server 2.12 or
 * newer and a stream that allows atomic batches.
 *
 * <p>Older servers store the messages of a batch one by one without an error. Therefore nothing is sent unless the
 * stream configuration returned by the server allows batches, and only the first message is sent until its reply shows
 * that the server supports batches.
 *
 * <p>Does not block, except for at most {@code sluice.nats.outgoing-wait} if the outgoing queue is full. Results are
 * emitted on a thread of the connection or of a timer.
 */
@Singleton
public final class AtomicPublisher implements Limited {
    private final NatsLink link;
    private final JetStreamApi api;
    private final PublishConfig config;
    private final Limit batches;
    private final LongAdder stored = new LongAdder();
    private final LongAdder refused = new LongAdder();

    @Inject
    public AtomicPublisher(NatsLinks links, JetStreamApis jetStream, PublishConfig config) {
        this.link = links.publishing();
        this.api = jetStream.publishing(config.deadline());
        this.config = config;
        this.batches = new Limit("sluice.publish.streams", config.streams());
    }

    /**
     * Collects {@code messages} and publishes them when they are complete. The receipt is that of the last message; the
     * other messages have the sequences before it.
     *
     * <p>Fails with nothing stored: as {@code messages}; {@code REQUEST_TIMEOUT} if they are not complete after
     * {@code timeout}; {@code INVALID} if there is no message or the stream does not store all subjects;
     * {@code TOO_LARGE}; {@code NO_STREAM}; {@code FORBIDDEN}; {@code NOT_SUPPORTED}; {@code OVERLOADED} immediately if
     * {@code sluice.publish.streams} batches are in progress; as a single publish if the server refuses a message.
     * Fails with {@code OUTCOME_UNKNOWN} if the server does not report whether it has stored the messages.
     */
    public Uni<Receipt> publish(Multi<OutboundMessage> messages, Duration timeout) {
        Uni<Receipt> batch =
                Uni.createFrom().deferred(() -> collect(messages, timeout).chain(this::publish));
        return batches.guard(batch, "Too many batches are published; nothing was sent")
                .invoke(stored::increment)
                .onFailure()
                .invoke(refused::increment);
    }

    /** Returns the number of stored batches. */
    public long stored() {
        return stored.sum();
    }

    /** Returns the number of failed batches, including those with an unknown outcome. */
    public long refused() {
        return refused.sum();
    }

    private Uni<AtomicBatch> collect(Multi<OutboundMessage> messages, Duration timeout) {
        long maxBytes = config.streamBytes().asLongValue();
        return messages.collect()
                .in(() -> new AtomicBatch(maxBytes), AtomicBatch::add)
                .ifNoItem()
                .after(timeout)
                .failWith(() -> Failure.REQUEST_TIMEOUT.because(
                        "The messages of a batch have " + timeout.toSeconds() + " s to arrive"))
                .invoke(AtomicBatch::requireMessages);
    }

    private Uni<Receipt> publish(AtomicBatch batch) {
        return api.streamOf(batch.subject())
                .invoke(stream -> check(stream, batch))
                .chain(stream -> {
                    batch.subjects().forEach(link.denied()::check);
                    return batch.send(link, config.deadline());
                })
                .ifNoItem()
                .after(config.deadline())
                .failWith(batch::outcome)
                .onFailure(AtomicPublisher::isSilence)
                .transform(silence -> denied(batch).orElse(silence));
    }

    private static boolean isSilence(Throwable failure) {
        return Failure.UNAVAILABLE.matches(failure) || Failure.OUTCOME_UNKNOWN.matches(failure);
    }

    /** Returns the refusal if the server denied one of the subjects: an incomplete batch is never stored. */
    private Optional<Throwable> denied(AtomicBatch batch) {
        return batch.subjects().stream()
                .filter(link.denied()::contains)
                .findFirst()
                .map(DeniedSubjects::refusal);
    }

    private static void check(StreamInfo stream, AtomicBatch batch) {
        if (!stream.atomic()) {
            throw notAllowed(stream.name());
        }
        batch.subjects().forEach(stream::requireStored);
    }

    private static SluiceException notAllowed(String stream) {
        return Failure.NOT_SUPPORTED.because("The stream " + stream
                + " does not allow atomic batches (allow_atomic; nats-server 2.12 or newer); nothing was sent");
    }

    @Override
    public List<Limit> limits() {
        return List.of(batches);
    }
}
