package dev.sluice.events;

import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.Gap;
import dev.sluice.stream.replay.Page;
import dev.sluice.stream.replay.PageSize;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.Selection;
import dev.sluice.stream.replay.StreamMessage;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Reads what a client has missed, or never saw, page by page as it takes them, within a bound over all clients. */
final class Backfill {
    /** Pages are evaluated as long as they count as being read: those with filters must not keep the others waiting. */
    private static final int FILTERED_SHARE = 4;

    private final Replay replay;
    private final AsyncSemaphore whole;
    private final AsyncSemaphore filtered;
    private final FilterWorkers workers;
    private final PageSize size;
    private final LongAdder pages = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder behind = new LongAdder();

    Backfill(Replay replay, EventsConfig config, FilterWorkers workers) {
        this.replay = replay;
        this.whole = new AsyncSemaphore(config.maxPages());
        this.filtered = new AsyncSemaphore(Math.max(1, config.maxPages() / FILTERED_SHARE));
        this.workers = workers;
        this.size = new PageSize(config.pageMessages(), config.pageSize().asLongValue());
    }

    /**
     * A page as a client sees it.
     *
     * @param events to be written as they are
     * @param position as in {@link Page}
     */
    record Chapter(Optional<Gap> gap, byte[] events, long position) {}

    /** The events behind {@code position}; {@code known} as in {@link Replay#page}. */
    Uni<Chapter> read(ReplayPosition place, Projection projection, long position, long known) {
        Selection selection = place.selection();
        boolean first = place.lastPerSubject()
                .filter(lastPerSubject -> !lastPerSubject.over())
                .isPresent();
        Uni<Page> page = first
                ? place.lastPerSubject().get().next(size.messages())
                : replay.page(selection, position, known, size);
        return projection.filtered()
                ? filtered.withPermit(page.emitOn(workers).map(read -> chapter(selection, projection, read)))
                : whole.withPermit(page.map(read -> chapter(selection, projection, read)));
    }

    private Chapter chapter(Selection selection, Projection projection, Page page) {
        pages.increment();
        page.gap().ifPresent(gap -> gaps.increment());
        return new Chapter(page.gap(), events(selection, projection, page), page.position());
    }

    /** A client that was live could not take a burst. */
    void fellBehind() {
        behind.increment();
    }

    /** How often a client that was live fell behind. */
    long behind() {
        return behind.sum();
    }

    /** Pages read. */
    long pages() {
        return pages.sum();
    }

    /** How often messages that a client had not seen were gone. */
    long gaps() {
        return gaps.sum();
    }

    /** Pages that wait for their turn. */
    int waiting() {
        return whole.waiting() + filtered.waiting();
    }

    private static byte[] events(Selection selection, Projection projection, Page page) {
        ByteArrayOutputStream events = new ByteArrayOutputStream();
        long told = 0;
        for (StreamMessage recorded : page.messages()) {
            EventId id = EventId.of(selection, recorded);
            byte[] event = projection.show(new FeedMessage(recorded.message(), recorded.time(), id));
            if (event != null) {
                events.writeBytes(event);
                told = recorded.sequence();
            }
        }
        if (told < page.position()) {
            events.writeBytes(ControlEvents.reached(new EventId(selection.epoch(), page.position(), 0)));
        }
        return events.toByteArray();
    }
}
