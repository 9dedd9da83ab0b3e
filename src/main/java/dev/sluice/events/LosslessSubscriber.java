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
    private static final Duration PAUSE = Duration.ofMillis(250);

    private enum State {
        NEW,
        /** No event is written before the first status; the feed reports one soon in every case. */
        JOINING,
        LIVE,
        BEHIND,
        READING,
        PAUSING,
        OVER
    }

    private final SseConnection connection;
    private final Projection projection;
    private final ReplayPosition place;
    private final Backfill backfill;
    private final EventLoop loop;
    private final StreamFeed feed;
    private final EventLoopFanout fanout;
    private final Duration closeTimeout;
    private final Runnable whenOver;

    private State state = State.NEW;
    private Cancellable reading = () -> {};
    private long position;
    private boolean untouched = true;
    private boolean currentUnreported;
    private @Nullable Gap removed;
    /** Time at which the client had all that was to be had, as {@link System#nanoTime}. */
    private long complete = System.nanoTime();

    private boolean late;

    /**
     * Joins the feed. The id to resume from is written first: the feed may report its status at once, and a client has the
     * id from the first event after it, whenever its connection ends.
     *
     * @param whenOver run once, when the feed has ended and provides nothing more from this epoch of the stream, or when the
     *     client is {@link #late}
     */
    LosslessSubscriber(
            SseConnection connection,
            Projection projection,
            ReplayPosition place,
            StreamFeed feed,
            Backfill backfill,
            EventLoop loop,
            Duration closeTimeout,
            Runnable whenOver) {
        this.closeTimeout = closeTimeout;
        this.connection = connection;
        this.projection = projection;
        this.place = place;
        this.feed = feed;
        this.backfill = backfill;
        this.loop = loop;
        this.whenOver = whenOver;
        this.position = place.position();
        this.currentUnreported = place.selection().ofStore();
        if (place.lastPerSubject().isEmpty()) {
            connection.write(ControlEvents.reached(reached()));
        }
        connection.serve(this);
        this.fanout = feed.hub().join(this, projection, loop, feed::head);
    }

    /** Starts the tail. */
    void begin() {
        state = State.JOINING;
        goOnceStatusIsTold();
    }

    private void goOnceStatusIsTold() {
        if (state == State.JOINING && connection.statusTold()) {
            reportCurrent();
            state = State.BEHIND;
            advance();
        }
    }

    /** Returns whether nothing of the snapshot was written yet, so that it must be read again elsewhere. */
    boolean untouched() {
        return untouched && place.lastPerSubject().isPresent();
    }

    /** Returns whether the client reads so slowly that it may miss that an entry is gone. It needs the present state. */
    boolean late() {
        return late;
    }

    EventId reached() {
        return EventId.reached(place, position);
    }

    /** Stops the tail; nothing more is written. */
    void leave() {
        state = State.OVER;
        reading.cancel();
        place.lastPerSubject().ifPresent(lastPerSubject -> lastPerSubject.close());
    }

    @Override
    public void take(SharedBatch batch) {
        if (state != State.LIVE || batch.last() <= position) {
            return;
        }
        long before = position;
        if (batch.after() > before || !connection.takes(batch.size())) {
            fallBehind();
            return;
        }
        position = batch.last();
        if (batch.after() == before) {
            connection.write(batch);
        } else {
            connection.write(batch, before);
        }
    }

    @Override
    public void lose(long events) {
        if (state == State.LIVE) {
            fallBehind();
        }
    }

    @Override
    public void status(byte[] frame) {
        connection.tellStatus(frame);
        goOnceStatusIsTold();
    }

    /** Remembers the gap until the client reads, and until what was read before it is written. */
    @Override
    public void removed(Gap gap) {
        Gap earlier = removed;
        removed =
                earlier == null ? gap : new Gap(Math.min(earlier.from(), gap.from()), Math.max(earlier.to(), gap.to()));
        tellRemoved();
    }

    @Override
    public void relieved() {
        tellRemoved();
        advance();
    }

    @Override
    public void ending() {}

    @Override
    public void over() {
        if (state != State.OVER) {
            leave();
            whenOver.run();
        }
    }

    @Override
    public void denied(CloseReason reason) {
        if (state != State.OVER) {
            leave();
            connection.end(reason, closeTimeout);
        }
    }

    private void fallBehind() {
        state = State.BEHIND;
        complete = System.nanoTime();
        backfill.fellBehind();
        advance();
    }

    private void advance() {
        if (state != State.BEHIND || !connection.open() || !connection.halfFree()) {
            return;
        }
        long known = currentUnreported ? Math.max(place.end(), fanout.sent()) : fanout.sent();
        if (!inSnapshot() && position >= known) {
            state = State.LIVE;
            return;
        }
        state = State.READING;
        boolean snapshot = inSnapshot();
        reading = backfill.read(place, projection, position, known)
                .subscribe()
                .with(
                        chapter -> loop.execute(() -> arrived(chapter, snapshot)),
                        failure -> loop.execute(() -> failed(failure)));
    }

    private void arrived(Backfill.Chapter chapter, boolean snapshot) {
        if (state == State.READING && !snapshot && missesMarkers(chapter)) {
            late = true;
            over();
        } else if (state == State.READING) {
            untouched = false;
            position = chapter.position();
            chapter.gap().ifPresent(gap -> connection.write(ControlEvents.gap(gap)));
            if (chapter.events().length > 0) {
                connection.write(chapter.events());
            }
            reportCurrent();
            state = State.BEHIND;
            tellRemoved();
            advance();
        }
    }

    /**
     * The history up to the place where the client began is not interrupted: the present state follows it. A snapshot has no
     * entry with a marker up to there.
     */
    private boolean missesMarkers(Backfill.Chapter chapter) {
        long whole = place.lastPerSubject().isPresent() ? place.end() + 1 : place.end();
        return place.selection().ofStore()
                && chapter.position() >= whole
                && place.found().markersLost(Duration.ofNanos(System.nanoTime() - complete));
    }

    private boolean inSnapshot() {
        return place.lastPerSubject()
                .filter(lastPerSubject -> !lastPerSubject.over())
                .isPresent();
    }

    /**
     * Reports to a watcher of a bucket once that it has received the state in which the bucket was found. Not called while
     * the next page may be requested, because a write may end at once and request it.
     */
    private void reportCurrent() {
        if (currentUnreported && !inSnapshot() && position >= place.end()) {
            currentUnreported = false;
            connection.write(ControlEvents.current(position));
        }
    }

    private void tellRemoved() {
        Gap gap = removed;
        boolean between = state == State.LIVE || state == State.BEHIND || state == State.PAUSING;
        if (gap != null && between && connection.halfFree()) {
            removed = null;
            connection.write(ControlEvents.gap(gap));
        }
    }

    private void failed(Throwable failure) {
        if (failure instanceof StreamRecreatedException) {
            feed.onCompletion();
        } else if (CloseReason.after(failure) == CloseReason.FORBIDDEN) {
            denied(CloseReason.FORBIDDEN);
        } else if (state == State.READING) {
            LOG.debugf("A page of %s could not be read: %s", place.selection().stream(), failure.getMessage());
            state = State.PAUSING;
            loop.schedule(this::again, PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void again() {
        if (state == State.PAUSING) {
            state = State.BEHIND;
            advance();
        }
    }
}
