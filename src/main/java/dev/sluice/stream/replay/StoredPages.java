package dev.sluice.stream.replay;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/** Reads a stream from a position to its end as it was at the start. */
final class StoredPages {
    private final Selection selection;
    private final StreamState begin;
    private final Reader reader;
    private final PageSize size;
    private long position;
    private boolean done;

    /** Reads the page after a position. */
    interface Reader {
        Uni<Page> page(StreamState begin, Selection selection, long position, PageSize size);
    }

    StoredPages(ReplayPosition start, StreamState begin, Reader reader, PageSize size) {
        this.selection = start.selection();
        this.begin = begin;
        this.reader = reader;
        this.size = size;
        this.position = start.position();
    }

    Multi<Page> pages() {
        return position >= begin.last()
                ? Multi.createFrom().empty()
                : Multi.createBy().repeating().uni(this::next).whilst(page -> !done);
    }

    private Uni<Page> next() {
        return reader.page(begin, selection, position, size).invoke(read -> {
            done = read.position() >= begin.last() || read.position() <= position;
            position = read.position();
        });
    }
}
