package dev.sluice.stream.replay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.flow.ContextExecutor;
import dev.sluice.stream.replay.DirectGetResult.Outcome;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Reads pages without a consumer, by batched direct gets. This requires that the stream allows direct gets, that its
 * server supports batches (2.11 and later), and that the selection has exactly one filter. The support is determined
 * once per epoch of a stream. After an unanswered read, direct gets are tried again after {@link #RETRY_INTERVAL}.
 *
 * <p>Any server of the stream answers, also one that does not have the latest messages yet. So the received messages
 * are valid, but only the stream's leader is trusted that there are no more.
 */
final class DirectGetPages {
    /** Maximum number of cached streams. The support of evicted streams is determined again. */
    private static final int MAX_STREAMS = 1_000;

    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(10);

    private final DirectGetClient reads;
    private final StreamStates states;
    private final SingleReads singles;
    private final Cache<StreamEpoch, Boolean> direct =
            Caffeine.newBuilder().maximumSize(MAX_STREAMS).build();
    private final Cache<StreamEpoch, Boolean> unavailable = Caffeine.newBuilder()
            .maximumSize(MAX_STREAMS)
            .expireAfterWrite(RETRY_INTERVAL)
            .build();

    private record StreamEpoch(String stream, String epoch) {
        static StreamEpoch of(Selection selection) {
            return new StreamEpoch(selection.stream(), selection.epoch());
        }
    }

    DirectGetPages(DirectGetClient reads, StreamStates states, SingleReads singles) {
        this.reads = reads;
        this.states = states;
        this.singles = singles;
    }

    /** As {@link StreamSource#page}; empty if the page must be read otherwise. Fails if nothing of it could be read. */
    Uni<Optional<Page>> page(Selection selection, long position, long known, PageSize size) {
        return selection.filters().size() == 1
                ? anyPage(selection, position, known, size)
                : Uni.createFrom().item(Optional.empty());
    }

    /** As {@link #page}, but reads all subjects of the stream if the selection has not exactly one filter. */
    Uni<Optional<Page>> anyPage(Selection selection, long position, long known, PageSize size) {
        List<String> filters = selection.filters();
        String filter = filters.size() == 1 ? filters.get(0) : ">";
        return possible(selection, position)
                .chain(possible -> possible
                        ? read(selection, filter, position, known, size)
                        : Uni.createFrom().item(Optional.empty()));
    }

    private Uni<Boolean> possible(Selection selection, long position) {
        if (unavailable.getIfPresent(StreamEpoch.of(selection)) != null) {
            return Uni.createFrom().item(false);
        }
        Boolean known = direct.getIfPresent(StreamEpoch.of(selection));
        if (known != null) {
            return Uni.createFrom().item(known);
        }
        return states.state(selection.stream())
                .invoke(now -> selection.check(now, position))
                .invoke(now -> direct.put(StreamEpoch.of(selection), now.direct()))
                .map(StreamState::direct);
    }

    /** Checks the stream state after the read, which proves that the messages are of the selected epoch. */
    private Uni<Optional<Page>> read(Selection selection, String filter, long position, long known, PageSize size) {
        return Uni.createFrom().deferred(() -> {
            Executor executor = ContextExecutor.executor();
            // All replies of the connection come on one thread, which the next request must not delay.
            return reads.from(selection.stream(), filter, position + 1, size)
                    .emitOn(executor)
                    .chain(batch -> states.state(selection.stream())
                            .invoke(now -> selection.check(now, position))
                            .emitOn(executor)
                            .chain(now -> page(selection, position, known, batch, now)));
        });
    }

    private Uni<Optional<Page>> page(
            Selection selection, long position, long known, DirectGetResult batch, StreamState now) {
        switch (batch.outcome()) {
            case ANSWERED -> {}
            case UNAVAILABLE -> unavailable.put(StreamEpoch.of(selection), true);
            case UNSUPPORTED -> direct.put(StreamEpoch.of(selection), false);
        }
        List<StreamMessage> read = batch.messages();
        if (!read.isEmpty()) {
            return Uni.createFrom().item(Optional.of(page(selection, position, read, now)));
        }
        if (!batch.replies().isEmpty()) {
            return Uni.createFrom().failure(Failure.UNAVAILABLE.because("A message cannot be read directly"));
        }
        return batch.outcome() == Outcome.ANSWERED && now.first() <= position + 1
                ? end(selection, position, known)
                : Uni.createFrom().item(Optional.empty());
    }

    private static Page page(Selection selection, long position, List<StreamMessage> read, StreamState now) {
        List<StreamMessage> wanted = read.stream()
                .filter(message -> selection.wants(message.message().subject()))
                .toList();
        long first = Math.min(now.first(), read.get(0).sequence());
        return new Page(
                Gap.between(position, first), wanted, read.get(read.size() - 1).sequence(), read.size());
    }

    /** Returns a page without messages if the leader has none either; else empty. */
    private Uni<Optional<Page>> end(Selection selection, long position, long known) {
        return singles.next(selection, position)
                .map(next -> next.isPresent() ? Optional.empty() : Optional.of(Page.at(Math.max(position, known))));
    }
}
