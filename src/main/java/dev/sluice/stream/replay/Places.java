package dev.sluice.stream.replay;

import dev.sluice.stream.pull.Origin;
import dev.sluice.stream.pull.StartAt;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/** Finds the sequence at which a start is. */
record Places(Consumers consumers) {

    Uni<Place> find(Selection selection, StreamState now, Start start) {
        if (start instanceof Start.After after) {
            return Uni.createFrom().item(behind(selection, now, after));
        }
        if (start instanceof Start.Sequence at) {
            return Uni.createFrom().item(Place.at(selection, now, Math.min(at.sequence() - 1, now.last())));
        }
        if (start instanceof Start.Time since) {
            return consumers
                    .probe(selection.stream(), selection.filters(), new StartAt.Time(since.time()))
                    .map(origin -> Place.at(selection, now, origin.position()));
        }
        if (start instanceof Start.Tail tail) {
            return begin(selection, now, new TailSearch(now.first(), now.last(), tail.count()));
        }
        return Uni.createFrom()
                .item(
                        switch ((Start.Edge) start) {
                            case NEW -> Place.at(selection, now, now.last());
                            case ALL -> Place.at(selection, now, now.first() - 1);
                            case LAST_PER_SUBJECT ->
                                new Place(
                                        selection,
                                        now.last(),
                                        now.last(),
                                        false,
                                        Optional.of(new Snapshot(
                                                selection,
                                                now.last(),
                                                consumers,
                                                consumers.pulls().options())));
                        });
    }

    private static Place behind(Selection selection, StreamState now, Start.After after) {
        boolean sameLife = after.epoch().equals(now.epoch());
        if (sameLife && after.sequence() <= now.last()) {
            return Place.at(selection, now, after.sequence());
        }
        return new Place(selection, sameLife ? now.last() : now.first() - 1, now.last(), true, Optional.empty());
    }

    private Uni<Place> begin(Selection selection, StreamState now, TailSearch search) {
        if (search.over()) {
            return Uni.createFrom().item(Place.at(selection, now, search.sequence() - 1));
        }
        return count(selection, search.sequence()).chain(count -> begin(selection, now, search.counted(count)));
    }

    /** How many messages there are from {@code sequence} on; one that two patterns match counts twice. */
    private Uni<Long> count(Selection selection, long sequence) {
        List<Uni<Origin>> probes = selection.singles().stream()
                .map(filter -> consumers.probe(selection.stream(), List.of(filter), new StartAt.Sequence(sequence)))
                .toList();
        return Uni.join().all(probes).usingConcurrencyOf(1).andFailFast().map(origins -> origins.stream()
                .mapToLong(Origin::pending)
                .sum());
    }
}
