package dev.sluice.events;

import dev.sluice.stream.replay.Gap;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.StreamRecreatedException;
import io.netty.channel.EventLoop;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that never drops. It knows the sequence up to which its client has received everything. The client is
 * live while batches continue at that position and the socket takes them. Otherwise it has fallen behind: it reads the
 * stream page by page, the next page when half of its buffer is free, until it has caught up with the live batches.
 *
 * <p>A batch is taken only if nothing is missing before it, and only the part after the position is written. So a
 * client may change between the two modes at any time and any number of times.
 */
final class LosslessSubscriber implements FeedSubscriber {
    private static final Logger LOG = Logger.getLogger(LosslessSubscriber.class);
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private enum Phase {
        NEW,
        /** No event is written before the first status; the feed reports one soon in every case. */
        JOINING,
        /** The client receives the batches of the feed. */
        LIVE,
        /** The next page is read when half of the buffer is free. */
        BEHIND,
        READING,
        /** A page could not be read; it is read again after {@link #RETRY_DELAY}. */
        PAUSING,
        ENDED
    }

    private final SseConnection connection;
    private final Projection projection;
    private final ReplayPosition start;
    private final Backfill backfill;
    private final StreamFeed feed;
    private final EventLoopFanout fanout;
    private final Runnable onFeedEnd;

    private Phase phase = Phase.NEW;
    private Cancellable reading = () -> {};
    private long position;
    private boolean nothingWritten = true;
    private boolean currentUnreported;
    private @Nullable Gap removed;
    /** Time at which the client had all that was to be had, as {@link System#nanoTime}. */
    private long complete = System.nanoTime();

    private boolean late;

    /**
     * Joins the feed. The id to resume from is written first: the feed may report its status at once, and a client has the
     * id from the first event after it, whenever its connection ends.
     *
     * @param onFeedEnd run once, when the feed has ended and provides nothing more from this epoch of the stream, or when the
     *     client is {@link #late}
     */
    LosslessSubscriber(
            SseConnection connection,
            Projection projection,
            ReplayPosition start,
            StreamFeed feed,
            Backfill backfill,
            Runnable onFeedEnd) {
        this.connection = connection;
        this.projection = projection;
        this.start = start;
        this.feed = feed;
        this.backfill = backfill;
        this.onFeedEnd = onFeedEnd;
        this.position = start.position();
        this.currentUnreported = start.selection().ofStore();
        if (start.lastPerSubject().isEmpty()) {
            connection.write(ControlEvents.reached(reached()));
        }
        connection.serve(this);
        this.fanout = feed.hub().join(this, projection, connection.loop(), feed::head);
    }

    /** Starts the tail. */
    void begin() {
        phase = Phase.JOINING;
        readAfterStatus();
    }

    private void readAfterStatus() {
        if (phase == Phase.JOINING && connection.statusReported()) {
            reportCurrent();
            phase = Phase.BEHIND;
            advance();
        }
    }

    /** Returns whether nothing of the snapshot was written yet, so that it must be read again elsewhere. */
    boolean snapshotUnread() {
        return nothingWritten && start.lastPerSubject().isPresent();
    }

    /** Returns whether the client reads so slowly that it may miss that an entry is gone. It needs the present state. */
    boolean late() {
        return late;
    }

    EventId reached() {
        return EventId.reached(start, position);
    }

    /** Stops the tail; nothing more is written. */
    void leave() {
        phase = Phase.ENDED;
        reading.cancel();
        start.lastPerSubject().ifPresent(lastPerSubject -> lastPerSubject.close());
    }

    @Override
    public void take(SharedBatch batch) {
        if (phase != Phase.LIVE || batch.last() <= position) {
            return;
        }
        long before = position;
        if (batch.after() > before || !connection.accepts(batch.size())) {
            fallBehind();
            return;
        }
        if (batch.after() == before) {
            connection.write(batch);
        } else {
            connection.write(batch, before);
        }
        position = batch.last();
    }

    @Override
    public void dropped(long events) {
        if (phase == Phase.LIVE) {
            fallBehind();
        }
    }

    @Override
    public void status(byte[] frame) {
        connection.reportStatus(frame);
        readAfterStatus();
    }

    /** Remembers the gap until the client reads, and until what was read before it is written. */
    @Override
    public void removed(Gap gap) {
        Gap earlier = removed;
        removed =
                earlier == null ? gap : new Gap(Math.min(earlier.from(), gap.from()), Math.max(earlier.to(), gap.to()));
        reportRemoved();
    }

    @Override
    public void drained() {
        reportRemoved();
        advance();
    }

    @Override
    public void beforeEnd() {}

    @Override
    public void ended() {
        if (phase != Phase.ENDED) {
            leave();
            onFeedEnd.run();
        }
    }

    @Override
    public void denied(CloseReason reason) {
        if (phase != Phase.ENDED) {
            leave();
            connection.end(reason);
        }
    }

    private void fallBehind() {
        phase = Phase.BEHIND;
        complete = System.nanoTime();
        backfill.countFellBehind();
        advance();
    }

    private void advance() {
        if (phase != Phase.BEHIND || !connection.open() || !connection.halfFree()) {
            return;
        }
        long known = currentUnreported ? Math.max(start.end(), fanout.sent()) : fanout.sent();
        if (!inSnapshot() && position >= known) {
            phase = Phase.LIVE;
            return;
        }
        phase = Phase.READING;
        EventLoop loop = connection.loop();
        boolean snapshot = inSnapshot();
        long asked = System.nanoTime();
        reading = backfill.read(start, projection, position, known)
                .subscribe()
                .with(
                        page -> loop.execute(() -> arrived(page, snapshot, known, asked)),
                        failure -> loop.execute(() -> failed(failure)));
    }

    /**
     * @param known sequence up to which the client had to read when the page was requested
     * @param asked time at which the page was requested, as {@link System#nanoTime}
     */
    private void arrived(Backfill.EncodedPage page, boolean snapshot, long known, long asked) {
        if (phase == Phase.READING && !snapshot && missesMarkers(page)) {
            late = true;
            ended();
        } else if (phase == Phase.READING) {
            nothingWritten = false;
            position = page.position();
            if (!snapshot && position >= known) {
                complete = asked;
            }
            page.gap().ifPresent(gap -> connection.write(ControlEvents.gap(gap)));
            if (page.events().length > 0) {
                connection.write(page.events());
            }
            reportCurrent();
            phase = Phase.BEHIND;
            reportRemoved();
            advance();
        }
    }

    /**
     * The history up to the place where the client began is not interrupted: the present state follows it. A snapshot has no
     * entry with a marker up to there.
     */
    private boolean missesMarkers(Backfill.EncodedPage page) {
        long whole = start.lastPerSubject().isPresent() ? start.end() + 1 : start.end();
        return start.selection().ofStore()
                && page.position() >= whole
                && start.found().markersLost(Duration.ofNanos(System.nanoTime() - complete));
    }

    private boolean inSnapshot() {
        return start.lastPerSubject()
                .filter(lastPerSubject -> !lastPerSubject.ended())
                .isPresent();
    }

    /**
     * Reports once to the client of a watch that it has received the state in which the store was found. Not called while
     * the next page may be requested, because a write may end at once and request it.
     */
    private void reportCurrent() {
        if (currentUnreported && !inSnapshot() && position >= start.end()) {
            currentUnreported = false;
            connection.write(ControlEvents.current(position));
        }
    }

    private void reportRemoved() {
        Gap gap = removed;
        boolean between = phase == Phase.LIVE || phase == Phase.BEHIND || phase == Phase.PAUSING;
        if (gap != null && between && connection.halfFree()) {
            removed = null;
            connection.write(ControlEvents.gap(gap));
        }
    }

    private void failed(Throwable failure) {
        if (failure instanceof StreamRecreatedException) {
            feed.recreated();
        } else if (CloseReason.after(failure) == CloseReason.FORBIDDEN) {
            denied(CloseReason.FORBIDDEN);
        } else if (phase == Phase.READING) {
            LOG.debugf("A page of %s could not be read: %s", start.selection().stream(), failure.getMessage());
            phase = Phase.PAUSING;
            connection.loop().schedule(this::retry, RETRY_DELAY.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void retry() {
        if (phase == Phase.PAUSING) {
            phase = Phase.BEHIND;
            advance();
        }
    }
}
