package dev.sluice.events;

import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.Gap;
import dev.sluice.stream.replay.Page;
import dev.sluice.stream.replay.PageSize;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamMessage;
import dev.sluice.stream.replay.StreamSource;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads the messages that a client has missed, or has not seen yet, page by page at the client's pace, with a limit on
 * concurrent pages over all clients.
 */
final class Backfill {
    /**
     * Divisor of the page limit for pages with filters. A page holds its permit while its filters are evaluated, so
     * these pages have a limit of their own and do not delay the others.
     */
    private static final int FILTERED_SHARE = 4;

    private final StreamSource replay;
    private final AsyncSemaphore unfiltered;
    private final AsyncSemaphore filtered;
    private final FilterWorkers workers;
    private final PageSize size;
    private final LongAdder pages = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder fellBehind = new LongAdder();

    Backfill(StreamSource replay, EventsConfig config, FilterWorkers workers) {
        this.replay = replay;
        this.unfiltered = new AsyncSemaphore(config.maxPages());
        this.filtered = new AsyncSemaphore(Math.max(1, config.maxPages() / FILTERED_SHARE));
        this.workers = workers;
        this.size = new PageSize(config.pageMessages(), config.pageSize().asLongValue());
    }

    /**
     * A page as the client receives it.
     *
     * @param events encoded events, written unchanged
     * @param position as in {@link Page}
     */
    record EncodedPage(Optional<Gap> gap, byte[] events, long position) {}

    /** Reads the events after {@code position}; {@code known} as in {@link StreamSource#page}. */
    Uni<EncodedPage> read(ReplayPosition start, Projection projection, long position, long known) {
        Selection selection = start.selection();
        boolean inSnapshot = start.lastPerSubject()
                .filter(lastPerSubject -> !lastPerSubject.ended())
                .isPresent();
        Uni<Page> page =
                inSnapshot ? start.lastPerSubject().get().next(size) : replay.page(selection, position, known, size);
        long settled = inSnapshot ? settled(start) : 0;
        return projection.filtered()
                ? filtered.withPermit(page.emitOn(workers).map(read -> encode(start, projection, read, settled)))
                : unfiltered.withPermit(page.map(read -> encode(start, projection, read, settled)));
    }

    /**
     * Returns the sequence up to which the snapshot of a store has only the last message of each entry. A replica that
     * is behind may have an earlier one, which the last one must correct.
     */
    private static long settled(ReplayPosition start) {
        return start.selection().ofStore() && !start.found().replicated() ? start.end() : 0;
    }

    private EncodedPage encode(ReplayPosition start, Projection projection, Page page, long settled) {
        pages.increment();
        page.gap().ifPresent(gap -> gaps.increment());
        return new EncodedPage(page.gap(), events(start, projection, page, settled), page.position());
    }

    /** Counts a live client that fell behind because it could not take a batch. */
    void countFellBehind() {
        fellBehind.increment();
    }

    /** Returns how often live clients fell behind. */
    long fellBehind() {
        return fellBehind.sum();
    }

    /** Returns the number of pages read. */
    long pages() {
        return pages.sum();
    }

    /** Returns how often messages were removed before a client had received them. */
    long gaps() {
        return gaps.sum();
    }

    /** Returns the number of pages that wait for a permit. */
    int waiting() {
        return unfiltered.waiting() + filtered.waiting();
    }

    /** @param settled sequence up to which markers are left out: they are of entries that are not there */
    private static byte[] events(ReplayPosition start, Projection projection, Page page, long settled) {
        ByteArrayOutputStream events = new ByteArrayOutputStream();
        long last = 0;
        for (StreamMessage recorded : page.messages()) {
            EventId id = EventId.of(start.selection(), recorded);
            if (recorded.sequence() <= settled && projection.format().deletion(recorded.message())) {
                continue;
            }
            byte[] event = projection.show(new FeedMessage(recorded.message(), recorded.time(), id));
            if (event != null) {
                events.writeBytes(event);
                last = recorded.sequence();
            }
        }
        if (last < page.position()) {
            events.writeBytes(ControlEvents.reached(EventId.reached(start, page.position())));
        }
        return events.toByteArray();
    }
}
