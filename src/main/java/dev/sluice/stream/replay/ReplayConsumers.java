package dev.sluice.stream.replay;

import dev.sluice.failure.Failure;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamErrors;
import dev.sluice.stream.StartPosition;
import dev.sluice.stream.pull.CreationHook;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.PullOptions;
import dev.sluice.stream.pull.PullSubscriptions;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;

/** Creates the consumers for reading: without acks, in memory, deleted by the server soon after their last use. */
record ReplayConsumers(PullSubscriptions pulls, StreamStates states) {
    private static final String NAME = "sluice-replay";
    private static final Duration INACTIVE_THRESHOLD = Duration.ofMinutes(1);
    /** Maximum time to create a consumer. */
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Only heartbeats reveal that the consumer's server is down while the connected server is up. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    /**
     * Returns the configured options with a heartbeat of at most {@link #HEARTBEAT}, to detect a lost consumer soon.
     */
    PullOptions options() {
        PullOptions configured = pulls.options();
        Duration heartbeat = HEARTBEAT.compareTo(configured.heartbeat()) < 0 ? HEARTBEAT : configured.heartbeat();
        return configured.withExpiry(configured.expires(), heartbeat);
    }

    /** Reads the messages of {@code selection} from {@code start} on, in order. Fails on any interruption. */
    Multi<Delivery> read(Selection selection, StartPosition start, PullOptions options, CreationHook creationHook) {
        return pulls.pull(definition(selection.stream(), selection.filters(), start), options, creationHook);
    }

    /**
     * Reads the last message of each subject, then later messages. Servers before 2.10 require exactly one filter, and
     * refuse one that is not within the subjects of the stream.
     *
     * @param payloads whether the messages have their payload
     */
    Multi<Delivery> readLastPerSubject(
            Selection selection, boolean payloads, PullOptions options, CreationHook creationHook) {
        List<String> filters = selection.singles().size() == 1 ? selection.singles() : List.of(">");
        return lastPerSubject(selection.stream(), filters, payloads, options, creationHook)
                .onFailure(failure -> JetStreamErrors.hasCode(failure, JetStreamErrors.CONSUMER_FILTER_NOT_SUBSET))
                .recoverWithMulti(
                        () -> lastPerSubject(selection.stream(), List.of(">"), payloads, options, creationHook));
    }

    private Multi<Delivery> lastPerSubject(
            String stream, List<String> filters, boolean payloads, PullOptions options, CreationHook creationHook) {
        ConsumerDefinition whole = definition(stream, filters, StartPosition.Edge.LAST_PER_SUBJECT);
        return pulls.pull(payloads ? whole : whole.withoutPayloads(), options, creationHook);
    }

    /** Returns the initial state of a consumer with this start. Fails {@code UNAVAILABLE} without an answer. */
    Uni<ConsumerInfo> probe(String stream, List<String> filters, StartPosition start) {
        return Uni.createFrom()
                .<ConsumerInfo>emitter(emitter -> pulls.pull(
                                definition(stream, filters, start), options(), consumer -> Uni.createFrom()
                                        .<Void>failure(Failure.INTERNAL.because("A probe is not pulled from"))
                                        .onFailure()
                                        .invoke(() -> emitter.complete(consumer)))
                        .subscribe()
                        .with(delivery -> {}, emitter::fail))
                .ifNoItem()
                .after(TIMEOUT)
                .failWith(() -> Failure.UNAVAILABLE.because("The stream " + stream + " did not answer"));
    }

    private ConsumerDefinition definition(String stream, List<String> filters, StartPosition start) {
        ConsumerRef ref = new ConsumerRef(stream, NAME);
        Duration limit = states.maxInactiveThreshold(stream);
        Duration unused = limit.isZero() || INACTIVE_THRESHOLD.compareTo(limit) < 0 ? INACTIVE_THRESHOLD : limit;
        return new ConsumerDefinition(ref, false, filters, AckMode.NONE, Duration.ofSeconds(30), 1, -1, start, unused);
    }
}
