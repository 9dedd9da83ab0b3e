package dev.sluice.stream.replay;

import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.StartPosition;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Resolves a {@link ReplayStart} to a sequence of the stream. */
record PositionResolver(ReplayConsumers consumers, SingleReads singles, StreamStates states) {

    Uni<ReplayPosition> find(Selection selection, StreamState now, ReplayStart start) {
        if (start instanceof ReplayStart.After after) {
            return resume(selection, now, after);
        }
        if (start instanceof ReplayStart.Sequence at) {
            return Uni.createFrom().item(ReplayPosition.at(selection, now, Math.min(at.sequence() - 1, now.last())));
        }
        if (start instanceof ReplayStart.Time since) {
            return time(selection, now, since.time()).map(position -> ReplayPosition.at(selection, now, position));
        }
        if (start instanceof ReplayStart.LastMessages last) {
            return lastMessages(selection, now, new LastMessagesSearch(now.first(), now.last(), last.count()));
        }
        return switch ((ReplayStart.Edge) start) {
            case NEW -> Uni.createFrom().item(ReplayPosition.at(selection, now, now.last()));
            case ALL -> Uni.createFrom().item(ReplayPosition.at(selection, now, now.first() - 1));
            case LAST_PER_SUBJECT -> lastPerSubject(selection, now, false);
        };
    }

    /** Opens the consumer before the position is returned, so that a rejection is reported early. */
    private Uni<ReplayPosition> lastPerSubject(Selection selection, StreamState now, boolean purged) {
        LastPerSubject lastPerSubject = new LastPerSubject(selection, now, true, consumers, states);
        return lastPerSubject
                .open()
                .map(open ->
                        new ReplayPosition(selection, now.last(), now, false, purged, Optional.of(lastPerSubject)));
    }

    /**
     * Resolves a resume position. The stream's definition can outlive its messages, and a restored backup may hold
     * fewer messages. So the time of the message at the sequence is compared; a deleted message is accepted. A reader of a
     * store that may miss a marker gets the present state.
     */
    private Uni<ReplayPosition> resume(Selection selection, StreamState now, ReplayStart.After after) {
        long sequence = after.sequence();
        boolean possible = after.epoch().equals(now.epoch()) && now.continues(sequence, after.time());
        if (!possible) {
            return Uni.createFrom().item(ReplayPosition.recreated(selection, now));
        }
        boolean certain = sequence == now.last() && after.time() == now.lastTime();
        if (certain || sequence < now.first()) {
            return resumed(selection, now, after);
        }
        return singles.stillHolds(selection.stream(), sequence, after.time())
                .chain(same -> same
                        ? resumed(selection, now, after)
                        : Uni.createFrom().item(ReplayPosition.recreated(selection, now)));
    }

    private Uni<ReplayPosition> resumed(Selection selection, StreamState now, ReplayStart.After after) {
        boolean missed = selection.ofStore()
                && after.sequence() > 0
                && after.sequence() < now.last()
                && now.markersLostSince(after.time());
        return missed
                ? lastPerSubject(selection, now, true)
                : Uni.createFrom().item(ReplayPosition.at(selection, now, after.sequence()));
    }

    private Uni<ReplayPosition> lastMessages(Selection selection, StreamState now, LastMessagesSearch search) {
        if (search.found()) {
            return Uni.createFrom().item(ReplayPosition.at(selection, now, search.sequence() - 1));
        }
        return count(selection, search.sequence()).chain(count -> lastMessages(selection, now, search.counted(count)));
    }

    private Uni<Long> time(Selection selection, StreamState now, Instant time) {
        Uni<Long> search =
                Uni.createFrom().deferred(() -> search(selection.stream(), now.first(), now.last() + 1, time));
        return now.limits()
                ? consumers
                        .probe(selection.stream(), selection.filters(), new StartPosition.Time(time))
                        .map(consumer -> consumer.state().deliveredSequence())
                        .onFailure(StreamFollower::refused)
                        .recoverWithUni(search)
                : search;
    }

    /**
     * Finds the sequence after which all messages were stored at or after {@code time}, by binary search and without a
     * consumer. Messages before {@code low} were stored earlier than {@code time}, those from {@code high} on were not.
     */
    private Uni<Long> search(String stream, long low, long high, Instant time) {
        if (low >= high) {
            return Uni.createFrom().item(low - 1);
        }
        long middle = low + (high - low) / 2;
        return singles.from(stream, middle)
                .map(found -> found.filter(message -> message.sequence() < high))
                .chain(found -> found.isPresent() && found.get().time().isBefore(time)
                        ? search(stream, found.get().sequence() + 1, high, time)
                        : search(stream, low, middle, time));
    }

    /** Counts the messages from {@code sequence} on. A message that matches two patterns counts twice. */
    private Uni<Long> count(Selection selection, long sequence) {
        List<Uni<ConsumerInfo>> probes = selection.singles().stream()
                .map(filter ->
                        consumers.probe(selection.stream(), List.of(filter), new StartPosition.Sequence(sequence)))
                .toList();
        return Uni.join().all(probes).usingConcurrencyOf(1).andFailFast().map(consumers -> consumers.stream()
                .mapToLong(consumer -> consumer.state().pending())
                .sum());
    }
}
