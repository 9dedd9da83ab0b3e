package dev.sluice.stream.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.JetStreamStatusException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;

/** Looks up streams and their current states. Fails as {@link JetStreamApi}. */
final class StreamStates {
    /** Maximum number of cached limits. The limit of an evicted stream is unknown until its next lookup. */
    private static final int MAX_STREAMS = 1_000;
    /** Maximum size of the cached names of streams, by their subjects. An evicted name costs one request more. */
    private static final int MAX_BYTES = 1 << 21;

    /** Size of an entry without the characters of its subjects. */
    private static final int ENTRY = 256;

    private final JetStreamApi api;
    private final Cache<String, Duration> maxInactiveThreshold =
            Caffeine.newBuilder().maximumSize(MAX_STREAMS).build();

    private final Cache<SubjectSet, String> names = Caffeine.newBuilder()
            .maximumWeight(MAX_BYTES)
            .weigher((SubjectSet subjects, String name) -> size(subjects))
            .build();

    StreamStates(JetStreamApi api) {
        this.api = api;
    }

    Uni<StreamState> state(String stream) {
        return api.streamInfo(stream).map(StreamState::of).invoke(this::remember);
    }

    /** Returns the last known maximum inactive threshold of the stream's consumers; zero if unlimited or unknown. */
    Duration maxInactiveThreshold(String stream) {
        Duration known = maxInactiveThreshold.getIfPresent(stream);
        return known == null ? Duration.ZERO : known;
    }

    Uni<ConsumerInfo> consumer(ConsumerRef ref) {
        return api.consumerInfo(ref);
    }

    private void remember(StreamState now) {
        maxInactiveThreshold.put(now.name(), now.maxInactiveThreshold());
    }

    /**
     * Returns the stream that stores all subjects that {@code subjects} can match; empty if there is none or JetStream
     * is disabled. Stream subjects do not overlap, so no other stream stores any of them.
     *
     * <p>Requests the state of the stream that was found last. Its name is looked up if that state does not have the
     * subjects any more.
     */
    Uni<Optional<StreamState>> covering(SubjectSet subjects) {
        return cached(subjects)
                .chain(found -> found.isPresent() ? Uni.createFrom().item(found) : lookUp(subjects))
                .onFailure(StreamStates::disabled)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Optional<StreamState>> cached(SubjectSet subjects) {
        return Uni.createFrom()
                .item(() -> Optional.ofNullable(names.getIfPresent(subjects)))
                .chain(name -> name.isPresent() ? covering(name.get(), subjects) : none())
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Optional<StreamState>> lookUp(SubjectSet subjects) {
        return api.streamNames(subjects.patterns().get(0).value())
                .chain(found -> found.size() == 1 ? covering(found.get(0), subjects) : none())
                .invoke(found -> found.ifPresentOrElse(
                        now -> names.put(subjects, now.name()), () -> names.invalidate(subjects)));
    }

    private Uni<Optional<StreamState>> covering(String stream, SubjectSet subjects) {
        return state(stream).map(now -> Optional.of(now).filter(it -> subjects.coveredBy(it.subjects())));
    }

    private static Uni<Optional<StreamState>> none() {
        return Uni.createFrom().item(Optional.empty());
    }

    private static int size(SubjectSet subjects) {
        return ENTRY
                + subjects.patterns().stream()
                        .mapToInt(pattern -> pattern.value().length())
                        .sum();
    }

    private static boolean disabled(Throwable thrown) {
        return thrown instanceof SluiceException failure
                && (failure.failure() == Failure.NOT_SUPPORTED
                        || failure.getCause() instanceof JetStreamStatusException);
    }
}
