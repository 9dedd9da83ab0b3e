package dev.sluice.stream.replay;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.function.LongFunction;

/** Reads a stream from a position to its end as it was at the start. */
final class StoredPages {
    private final long end;
    private final LongFunction<Uni<Page>> pageAfter;
    private long position;
    private boolean done;

    /**
     * @param position position after which to read
     * @param end last sequence to read
     * @param pageAfter reads the page after a position
     */
    StoredPages(long position, long end, LongFunction<Uni<Page>> pageAfter) {
        this.position = position;
        this.end = end;
        this.pageAfter = pageAfter;
    }

    Multi<Page> pages() {
        return position >= end
                ? Multi.createFrom().empty()
                : Multi.createBy().repeating().uni(this::next).whilst(page -> !done);
    }

    private Uni<Page> next() {
        return pageAfter.apply(position).invoke(read -> {
            done = read.position() >= end || read.position() <= position;
            position = read.position();
        });
    }
}
