package dev.sluice.stream.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.JetStreamApi;
import io.nats.client.JetStreamStatusException;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks which streams there are, and how they are now. Fails as {@link JetStreamApi#ask} does. */
final class StreamStates {
    /** More streams than that are looked at again now and then. */
    private static final int MOST_STREAMS = 1_000;

    private final JetStreamApi api;
    private final Cache<String, Duration> longestUnused =
            Caffeine.newBuilder().maximumSize(MOST_STREAMS).build();

    StreamStates(JetStreamApi api) {
        this.api = api;
    }

    Uni<StreamState> state(String stream) {
        return api.ask("STREAM.INFO." + stream, "").map(StreamState::read).invoke(this::remember);
    }

    /** How long a consumer of {@code stream} may be kept unused, as was known last; zero for no limit. */
    Duration longestUnused(String stream) {
        Duration known = longestUnused.getIfPresent(stream);
        return known == null ? Duration.ZERO : known;
    }

    /** How many messages {@code consumer} has delivered, and how many it still has to deliver. */
    Uni<ConsumerProgress> progress(String stream, String consumer) {
        return api.ask("CONSUMER.INFO." + stream + "." + consumer, "").map(ConsumerProgress::read);
    }

    private void remember(StreamState now) {
        longestUnused.put(now.name(), now.longestUnused());
    }

    /**
     * The stream that stores all that {@code subjects} can match, if there is one: subjects of streams do not overlap, so
     * it is the only one that stores any of it. None where JetStream is switched off.
     */
    Uni<Optional<StreamState>> covering(SubjectSet subjects) {
        JsonValue first = new JsonValue(subjects.patterns().get(0).value());
        return api.ask("STREAM.NAMES", new JsonValue(Map.of("subject", first)).toJson())
                .chain(answer -> only(names(answer), subjects))
                .onFailure(StreamStates::switchedOff)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Optional<StreamState>> only(List<String> names, SubjectSet subjects) {
        if (names.size() != 1) {
            return Uni.createFrom().item(Optional.empty());
        }
        return state(names.get(0)).map(now -> Optional.of(now).filter(it -> subjects.coveredBy(it.subjects())));
    }

    private static List<String> names(JsonValue answer) {
        JsonValue streams = JetStreamApi.member(answer, "streams");
        return streams == null || streams.array == null
                ? List.of()
                : streams.array.stream().map(name -> name.string).toList();
    }

    private static boolean switchedOff(Throwable thrown) {
        return thrown instanceof SluiceException failure
                && (failure.failure() == Failure.NOT_SUPPORTED
                        || failure.getCause() instanceof JetStreamStatusException);
    }
}
