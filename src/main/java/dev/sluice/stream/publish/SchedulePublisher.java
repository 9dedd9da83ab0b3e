package dev.sluice.stream.publish;

import dev.sluice.failure.Failure;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.StreamInfo;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Publishes messages that are schedules (ADR-51). A server that does not know schedules stores such a message like any
 * other, without an error. So nothing is sent unless the stream's configuration, as its server reports it, allows them.
 */
@Singleton
public final class SchedulePublisher {
    private final JetStreamApi api;
    private final StoredPublisher publisher;
    private final Duration deadline;

    @Inject
    public SchedulePublisher(JetStreamApis jetStream, StoredPublisher publisher, PublishConfig config) {
        this.api = jetStream.publishing(config.deadline());
        this.publisher = publisher;
        this.deadline = config.deadline();
    }

    /**
     * Publishes as {@link StoredPublisher#publish(OutboundMessage)}. Fails {@code NO_STREAM} or {@code NOT_SUPPORTED} with
     * nothing sent.
     */
    public Uni<Receipt> publish(OutboundMessage message) {
        return Uni.createFrom().deferred(() -> {
            AtomicBoolean sent = new AtomicBoolean();
            return api.streamOf(message.subject().value())
                    .invoke(SchedulePublisher::requireAllowed)
                    .chain(stream -> {
                        sent.set(true);
                        return publisher.publish(message);
                    })
                    .ifNoItem()
                    .after(deadline)
                    .failWith(() -> sent.get()
                            ? Failure.OUTCOME_UNKNOWN.because("No answer in time: the message may or may not be stored")
                            : Failure.UNAVAILABLE.because("JetStream did not answer in time; nothing was sent"));
        });
    }

    private static void requireAllowed(StreamInfo stream) {
        if (!stream.schedules()) {
            throw Failure.NOT_SUPPORTED.because("The stream " + stream.name()
                    + " does not allow schedules (allow_schedules; nats-server 2.12 or newer); nothing was sent");
        }
    }
}
