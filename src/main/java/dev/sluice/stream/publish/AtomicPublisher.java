package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Permits;
import dev.sluice.nats.DeniedSubjects;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.pull.PullConfig;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Publishes several messages to one stream, all or none of them: atomic batches (ADR-50), which servers have from 2.12 on
 * and streams have to allow.
 *
 * <p>Older servers store the messages of a batch one by one and say nothing. So nothing is sent unless the stream's own
 * configuration, as the server returns it, allows batches, and nothing but the first message before its reply has the
 * shape that only a server with batches gives it.
 *
 * <p>Nothing here blocks; results come on a thread of the connection or of a timer.
 */
@Singleton
public final class AtomicPublisher {
    private final NatsLink link;
    private final JetStreamApi api;
    private final PublishConfig config;
    private final Permits batches;
    private final LongAdder stored = new LongAdder();
    private final LongAdder refused = new LongAdder();

    @Inject
    public AtomicPublisher(NatsLinks links, PublishConfig config, PullConfig pulls) {
        this.link = links.publishing();
        this.api = new JetStreamApi(link, pulls.apiPrefix(), config.deadline());
        this.config = config;
        this.batches = new Permits(config.streams());
    }

    /**
     * Gathers {@code messages} and publishes them when they are complete. The receipt is that of the last one; those of
     * the others have the sequences before it.
     *
     * <p>Fails, with nothing stored: as {@code messages} does; {@code REQUEST_TIMEOUT} if they take longer than
     * {@code patience} to come; {@code INVALID} without a message, or if their stream does not store all of the subjects;
     * {@code TOO_LARGE}; {@code NO_STREAM}; {@code FORBIDDEN}; {@code NOT_SUPPORTED}; {@code OVERLOADED} at once if as many batches as
     * {@code sluice.publish.streams} are under way; as a single publish does for whatever the server refuses. Fails
     * {@code OUTCOME_UNKNOWN} if the server does not say whether it has stored them.
     */
    public Uni<Receipt> publish(Multi<OutboundMessage> messages, Duration patience) {
        return Uni.createFrom()
                .deferred(() -> {
                    if (!batches.take(1)) {
                        throw Failure.OVERLOADED.because("Too many batches are published; nothing was sent");
                    }
                    return gather(messages, patience)
                            .chain(this::publish)
                            .onTermination()
                            .invoke(() -> batches.giveBack(1));
                })
                .invoke(stored::increment)
                .onFailure()
                .invoke(refused::increment);
    }

    /** Batches that were stored. */
    public long stored() {
        return stored.sum();
    }

    /** Batches that were not stored, as far as is known. */
    public long refused() {
        return refused.sum();
    }

    private Uni<AtomicBatch> gather(Multi<OutboundMessage> messages, Duration patience) {
        long maxBytes = config.streamBytes().asLongValue();
        return messages.collect()
                .in(() -> new AtomicBatch(maxBytes), AtomicBatch::add)
                .ifNoItem()
                .after(patience)
                .failWith(() -> Failure.REQUEST_TIMEOUT.because(
                        "The messages of a batch have " + patience.toSeconds() + " s to arrive"))
                .invoke(AtomicBatch::requireMessages);
    }

    private Uni<Receipt> publish(AtomicBatch batch) {
        return stream(batch.subject())
                .chain(stream -> StreamCapabilities.ask(api, stream))
                .invoke(capabilities -> check(capabilities, batch))
                .chain(capabilities -> {
                    batch.subjects().forEach(link.denied()::check);
                    return batch.send(link.connection(), config.deadline());
                })
                .onFailure(AtomicPublisher::isSilence)
                .transform(silence -> denied(batch).orElse(silence));
    }

    private static boolean isSilence(Throwable failure) {
        return failure instanceof SluiceException answer
                && (answer.failure() == Failure.UNAVAILABLE || answer.failure() == Failure.OUTCOME_UNKNOWN);
    }

    /** A batch that lacks one of its messages is never stored. */
    private Optional<Throwable> denied(AtomicBatch batch) {
        return batch.subjects().stream()
                .filter(link.denied()::contains)
                .findFirst()
                .map(DeniedSubjects::refusal);
    }

    private Uni<String> stream(String subject) {
        String question = new JsonValue(Map.of("subject", new JsonValue(subject))).toJson();
        return api.ask("STREAM.NAMES", question).map(answer -> {
            JsonValue names = JetStreamApi.member(answer, "streams");
            String name =
                    names == null || names.array == null || names.array.isEmpty() ? null : names.array.get(0).string;
            if (name == null) {
                throw Failure.NO_STREAM.because("No stream stores the subject " + subject);
            }
            return name;
        });
    }

    private static void check(StreamCapabilities capabilities, AtomicBatch batch) {
        if (!capabilities.atomic()) {
            throw notAllowed(capabilities.stream());
        }
        batch.subjects().forEach(capabilities::check);
    }

    private static SluiceException notAllowed(String stream) {
        return Failure.NOT_SUPPORTED.because("The stream " + stream
                + " does not allow atomic batches (allow_atomic; nats-server 2.12 or newer); nothing was sent");
    }
}
