package dev.sluice.stream.replay;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/** Reads a snapshot to its end, then the messages stored after the snapshot began. */
final class CurrentPages {
    private final Replay replay;
    private final Selection selection;
    private final StreamState begin;
    private final LastPerSubject snapshot;
    private final PageSize size;
    private long position;
    private boolean done;

    CurrentPages(Replay replay, Selection selection, StreamState begin, LastPerSubject snapshot, PageSize size) {
        this.replay = replay;
        this.selection = selection;
        this.begin = begin;
        this.snapshot = snapshot;
        this.size = size;
    }

    Multi<Page> pages() {
        return Multi.createBy().repeating().uni(this::next).whilst(page -> !done);
    }

    private Uni<Page> next() {
        boolean inSnapshot = !snapshot.ended();
        Uni<Page> page = inSnapshot
                ? snapshot.next(size)
                : replay.page(selection, position, Math.max(position, begin.last()), size);
        return page.invoke(read -> {
            done = inSnapshot
                    ? snapshot.ended() && read.position() >= begin.last()
                    : read.messages().isEmpty() || read.position() <= position;
            position = read.position();
        });
    }
}
