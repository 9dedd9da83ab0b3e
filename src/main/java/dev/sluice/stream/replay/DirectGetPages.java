package dev.sluice.stream.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.stream.replay.DirectGetResult.Service;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Pages read without a consumer, where a stream can be read like that: it allows direct reads, its server knows batches
 * of them (2.11 and later), and one filter says what is wanted. Whether it can is found out once in the life of a stream;
 * after a read that nobody answered, it is tried again a little later.
 *
 * <p>Any server of the stream answers, also one that has not got its last messages yet. So what came is true, but that
 * there is no more is believed of the stream's leader only.
 */
final class DirectGetPages {
    /** More streams than that are looked at again now and then. */
    private static final int MOST_STREAMS = 1_000;

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(10);

    private final DirectGetClient reads;
    private final StreamStates states;
    private final SingleReads singles;
    private final Cache<Life, Boolean> direct =
            Caffeine.newBuilder().maximumSize(MOST_STREAMS).build();
    private final Cache<Life, Boolean> away = Caffeine.newBuilder()
            .maximumSize(MOST_STREAMS)
            .expireAfterWrite(BETWEEN_TRIES)
            .build();

    private record Life(String stream, String epoch) {
        static Life of(Selection selection) {
            return new Life(selection.stream(), selection.epoch());
        }
    }

    DirectGetPages(DirectGetClient reads, StreamStates states, SingleReads singles) {
        this.reads = reads;
        this.states = states;
        this.singles = singles;
    }

    /** As {@link Replay#page}; empty if the page is to be read otherwise. Fails if reading broke off at its beginning. */
    Uni<Optional<Page>> page(Selection selection, long position, long known, PageSize size) {
        List<String> filters = selection.filters();
        if (filters.size() != 1) {
            return Uni.createFrom().item(Optional.empty());
        }
        return possible(selection, position)
                .chain(possible -> possible
                        ? read(selection, filters.get(0), position, known, size)
                        : Uni.createFrom().item(Optional.empty()));
    }

    private Uni<Boolean> possible(Selection selection, long position) {
        if (away.getIfPresent(Life.of(selection)) != null) {
            return Uni.createFrom().item(false);
        }
        Boolean remembered = direct.getIfPresent(Life.of(selection));
        if (remembered != null) {
            return Uni.createFrom().item(remembered);
        }
        return states.state(selection.stream())
                .invoke(now -> selection.check(now, position))
                .invoke(now -> direct.put(Life.of(selection), now.direct()))
                .map(StreamState::direct);
    }

    /** The look at the stream is younger than what was read, which so is of the life that was selected. */
    private Uni<Optional<Page>> read(Selection selection, String filter, long position, long known, PageSize size) {
        return Uni.createFrom().deferred(() -> reads.from(selection.stream(), filter, position + 1, size)
                .chain(batch -> states.state(selection.stream())
                        .invoke(now -> selection.check(now, position))
                        .emitOn(ContextExecutor.executor())
                        .chain(now -> page(selection, position, known, batch, now))));
    }

    private Uni<Optional<Page>> page(
            Selection selection, long position, long known, DirectGetResult batch, StreamState now) {
        switch (batch.service()) {
            case GIVEN -> {}
            case AWAY -> away.put(Life.of(selection), true);
            case NEVER -> direct.put(Life.of(selection), false);
        }
        List<StreamMessage> read = batch.messages();
        if (!read.isEmpty()) {
            return Uni.createFrom().item(Optional.of(page(selection, position, read, now)));
        }
        if (!batch.answers().isEmpty()) {
            return Uni.createFrom().failure(Failure.UNAVAILABLE.because("A message cannot be read directly"));
        }
        return batch.service() == Service.GIVEN && now.first() <= position + 1
                ? end(selection, position, known)
                : Uni.createFrom().item(Optional.empty());
    }

    private static Page page(Selection selection, long position, List<StreamMessage> read, StreamState now) {
        List<StreamMessage> wanted = read.stream()
                .filter(message -> selection.wants(message.message().subject()))
                .toList();
        long first = Math.min(now.first(), read.get(0).sequence());
        return new Page(
                Gap.between(position, first), wanted, read.get(read.size() - 1).sequence());
    }

    /** A page without messages if the leader has none either. */
    private Uni<Optional<Page>> end(Selection selection, long position, long known) {
        return singles.next(selection, position)
                .map(next -> next.isPresent()
                        ? Optional.empty()
                        : Optional.of(new Page(Optional.empty(), List.of(), Math.max(position, known))));
    }
}
