package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.flow.Validity;
import dev.sluice.stream.replay.Gap;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.ScriptedSnapshot;
import dev.sluice.stream.replay.ScriptedStream;
import dev.sluice.stream.replay.ScriptedStream.Range;
import dev.sluice.support.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client of a stream receives every message once and in order: live, or page by page while it is behind. */
class LosslessSubscriberTest {
    private static final Projection RAW = new Projection(EventFormat.RAW, MessageFilter.NONE);
    private static final String CONNECTED = "status {\"nats\":\"connected\"}";
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private final ScriptedLoop loop = new ScriptedLoop();
    private final ScriptedResponse socket = new ScriptedResponse();
    private final FilterWorkers workers = new FilterWorkers(Runnable::run, 1_000);
    private final EventsConfig config = Settings.of(
            EventsConfig.class,
            Map.of(
                    "sluice.events.client-buffer", "300",
                    "sluice.events.loop-buffer", "100",
                    "sluice.events.max-pages", "1"));
    private ScriptedStream stream = ScriptedStream.of(10);
    private Backfill backfill;
    private StreamFeed feed;
    private SseConnection connection;
    private int ends;

    /** The phases of a client, each with what leads to it. */
    private enum Phase {
        JOINING,
        LIVE,
        /** The buffer is full, so that no page is requested. */
        BEHIND,
        READING,
        PAUSING
    }

    @BeforeEach
    void clientReads() {
        socket.takeAtOnce();
        feed = feed();
    }

    @Test
    void receivesItsIdAtOnceAndNothingElseBeforeTheFirstStatus() {
        join(stream.position(5));
        loop.run();
        assertThat(socket.received()).containsExactly("@5");
        assertThat(stream.pages.asked()).isEmpty();

        connect();

        assertThat(socket.received()).containsExactly(CONNECTED);
        assertThat(stream.pages.asked()).containsExactly(new Range(5, 10));
    }

    @Test
    void readsAlsoWhileNatsIsUnreachable() {
        join(stream.position(5));

        stream.disconnect();
        loop.run();

        assertThat(stream.pages.asked()).containsExactly(new Range(5, 10));
    }

    @Test
    void isLiveAtOnceIfItHasEverything() {
        live();

        store(11, 12);

        assertThat(socket.received()).containsExactly("11", "12");
        assertThat(stream.pages.asked()).isEmpty();
    }

    @Test
    void receivesMessagesThatArriveDuringAPageAfterIt() {
        reading();

        store(11, 12);
        assertThat(socket.received()).isEmpty();
        page(6, 10);
        assertThat(socket.received()).containsExactly("6", "7", "8", "9", "10");
        assertThat(stream.pages.asked()).containsExactly(new Range(10, 12));
        page(11, 12);
        store(13, 13);

        assertThat(socket.received()).containsExactly("11", "12", "13");
        assertThat(stream.pages.asked()).isEmpty();
    }

    @Test
    void receivesOnlyThePartOfABatchThatThePageDidNotHave() {
        reading();

        stream.pages.answer(stream.page(6, 11));
        stream.store(11, 12);
        loop.run();

        assertThat(socket.received()).containsExactly("6", "7", "8", "9", "10", "11", "12");
    }

    @Test
    void doesNotReceiveABatchThatThePageHadAlready() {
        reading();

        stream.pages.answer(stream.page(6, 13));
        stream.store(11, 12);
        loop.run();
        assertThat(socket.received()).containsExactly("6", "7", "8", "9", "10", "11", "12", "13");
        store(13, 14);

        assertThat(socket.received()).containsExactly("14");
        assertThat(stream.pages.asked()).isEmpty();
    }

    @Test
    void takesNoBatchIfAMessageIsMissingBeforeIt() {
        LosslessSubscriber client = live();

        client.take(batch(12, 13));

        assertThat(socket.received()).isEmpty();
        assertThat(client.reached().sequence()).isEqualTo(10);
        assertThat(backfill.fellBehind()).isEqualTo(1);
    }

    @Test
    void releasesABatchOfWhichItHasReceivedAPart() {
        LosslessSubscriber client = live();
        SharedBatch batch = batch(8, 9, 10, 11);

        client.take(batch);
        batch.release();

        assertThat(socket.received()).containsExactly("11");
        assertThat(batch.freed()).isTrue();
    }

    @Test
    void readsABatchAgainWhoseWriteFailedByAnError() {
        LosslessSubscriber client = live();
        socket.breakWrites();

        store(11, 11);

        assertThat(client.reached().sequence()).isEqualTo(10);
        assertThat(stream.pages.asked()).containsExactly(new Range(10, 11));
    }

    @Test
    void readsFromTheStreamWhatItsSocketDidNotTake() {
        LosslessSubscriber client = live();
        socket.stall();

        long last = 10;
        while (backfill.fellBehind() == 0) {
            last++;
            store(last, last);
        }
        assertThat(socket.received()).last().isEqualTo(Long.toString(last - 1));
        assertThat(stream.pages.asked()).isEmpty();
        store(last + 1, last + 1);
        socket.take();

        assertThat(client.reached().sequence()).isEqualTo(last - 1);
        assertThat(stream.pages.asked()).containsExactly(new Range(last - 1, last + 1));
        assertThat(backfill.fellBehind()).isEqualTo(1);
    }

    @Test
    void readsFromTheStreamWhatDidNotFitIntoTheLoopBuffer() {
        live();

        store(11, 20);
        int taken = socket.received().size();

        assertThat(taken).isBetween(1, 9);
        assertThat(stream.pages.asked()).containsExactly(new Range(10 + taken, 20));
        assertThat(backfill.fellBehind()).isEqualTo(1);
    }

    @Test
    void droppedMessagesDoNotCountForAClientThatReadsTheStream() {
        LosslessSubscriber client = reading();

        client.dropped(3);

        assertThat(backfill.fellBehind()).isZero();
    }

    @Test
    void requestsTheNextPageWhenHalfOfItsBufferIsFree() {
        stream = ScriptedStream.of(100);
        feed = feed();
        reading();
        socket.stall();

        page(6, 50);
        assertThat(stream.pages.asked()).isEmpty();
        socket.take();

        assertThat(stream.pages.asked()).containsExactly(new Range(50, 100));
    }

    @Test
    void requestsOnePageAtATime() {
        LosslessSubscriber client = reading();

        client.drained();
        store(11, 11);
        client.drained();
        loop.run();

        assertThat(stream.pages.asked()).isEmpty();
        assertThat(stream.pages.open()).isEqualTo(1);
    }

    @Test
    void requestsNoPageAfterItsConnectionWasClosed() {
        LosslessSubscriber client = behind();
        connection.onClosed(() -> {});

        socket.leave();
        socket.take();
        client.drained();

        assertThat(stream.pages.asked()).isEmpty();
    }

    @Test
    void isToldOfAGapBeforeThePageAfterIt() {
        reading();

        stream.pages.answer(stream.page(new Gap(6, 8), 9, 10));
        loop.run();

        assertThat(socket.received()).containsExactly("gap {\"from\":6,\"to\":8}", "9", "10");
        assertThat(backfill.gaps()).isEqualTo(1);
    }

    @Test
    void isToldOfRemovedMessagesAtOnceIfItIsLive() {
        LosslessSubscriber client = live();

        client.removed(new Gap(1, 2));

        assertThat(socket.received()).containsExactly("gap {\"from\":1,\"to\":2}");
    }

    @Test
    void isToldOfAllRemovedMessagesAfterThePageThatItReads() {
        LosslessSubscriber client = reading();

        client.removed(new Gap(1, 1));
        client.removed(new Gap(4, 4));
        client.removed(new Gap(2, 3));
        assertThat(socket.received()).isEmpty();
        page(6, 7);

        assertThat(socket.received()).containsExactly("6", "7", "gap {\"from\":1,\"to\":4}");
    }

    @Test
    void isToldOfRemovedMessagesWhenItReadsAgain() {
        LosslessSubscriber client = behind();

        client.removed(new Gap(1, 2));
        assertThat(socket.received()).isEmpty();
        socket.take();

        assertThat(socket.received()).containsExactly("gap {\"from\":1,\"to\":2}");
    }

    @Test
    void readsAFailedPageAgainAfterAPause() {
        LosslessSubscriber client = pausing();
        client.drained();
        store(11, 11);

        loop.forward(RETRY_DELAY.minusMillis(1));
        assertThat(socket.received()).isEmpty();
        assertThat(stream.pages.asked()).isEmpty();
        loop.forward(Duration.ofMillis(1));

        assertThat(stream.pages.asked()).containsExactly(new Range(5, 11));
    }

    @Test
    void endsTheFeedIfAPageShowsThatTheStreamWasRecreated() {
        reading();

        stream.pages.fail(ScriptedStream.recreated());
        loop.run();

        assertThat(feed.end()).isEqualTo(StreamFeed.End.RECREATED);
        assertThat(ends).isEqualTo(1);
    }

    @Test
    void isClosedIfNatsDoesNotPermitItsPage() {
        reading();

        stream.pages.fail(Failure.FORBIDDEN.because("on purpose"));
        loop.run();

        assertThat(socket.received()).containsExactly("closed {\"reason\":\"forbidden\"}");
        assertThat(ends).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void receivesNothingAfterItHasLeft(Phase phase) {
        LosslessSubscriber client = in(phase);

        leave(client);
        connect();
        store(11, 12);
        if (stream.pages.open() > 0) {
            page(6, 10);
        }
        socket.take();
        loop.forward(RETRY_DELAY.multipliedBy(2));
        client.ended();
        client.denied(CloseReason.FORBIDDEN);

        assertThat(socket.received()).isEmpty();
        assertThat(stream.pages.asked()).isEmpty();
        assertThat(ends).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void reportsTheEndOfItsFeedOnce(Phase phase) {
        LosslessSubscriber client = in(phase);
        long reached = client.reached().sequence();

        stream.recreate();
        loop.run();
        client.ended();
        if (stream.pages.open() > 0) {
            page(6, 10);
        }
        socket.take();
        loop.forward(RETRY_DELAY.multipliedBy(2));

        assertThat(ends).isEqualTo(1);
        assertThat(client.reached().sequence()).isEqualTo(reached);
        assertThat(socket.received()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void isClosedIfItsFeedIsDenied(Phase phase) {
        in(phase);

        stream.failFollower(Failure.FORBIDDEN.because("on purpose"));
        loop.run();
        socket.take();

        assertThat(socket.received()).containsExactly("closed {\"reason\":\"forbidden\"}");
        assertThat(ends).isZero();
    }

    @Test
    void aPageBeyondTheLimitWaits() {
        reading();

        LosslessSubscriber second = join(new ScriptedResponse(), stream.position(7));
        loop.run();
        assertThat(stream.pages.asked()).isEmpty();
        assertThat(backfill.waiting()).isEqualTo(1);
        page(6, 10);

        assertThat(stream.pages.asked()).containsExactly(new Range(7, 10));
        assertThat(second.reached().sequence()).isEqualTo(7);
    }

    @Test
    void thePageOfAClientThatHasLeftKeepsItsPermitUntilItEnds() {
        leave(reading());

        join(new ScriptedResponse(), stream.position(7));
        loop.run();
        assertThat(stream.pages.asked()).isEmpty();
        page(6, 10);

        assertThat(stream.pages.asked()).containsExactly(new Range(7, 10));
    }

    @Test
    void aClientThatLeavesWhileItsPageWaitsRequestsNone() {
        reading();
        LosslessSubscriber second = join(new ScriptedResponse(), stream.position(7));

        leave(second);
        page(6, 10);

        assertThat(backfill.waiting()).isZero();
        assertThat(stream.pages.asked()).isEmpty();
    }

    @Test
    void readsTensOfThousandsOfPagesWithoutRecursion() {
        int count = 30_000;
        stream = ScriptedStream.of(count);
        feed = feed();
        stream.pages.always(range -> stream.page(range.position() + 1, range.position() + 1));

        LosslessSubscriber client = join(stream.position(0));
        connect();

        assertThat(client.reached().sequence()).isEqualTo(count);
        assertThat(backfill.pages()).isEqualTo(count);
    }

    @Test
    void tensOfThousandsOfLiveMessagesRecurseNowhere() {
        LosslessSubscriber client = live();

        for (int sequence = 11; sequence <= 30_000; sequence++) {
            store(sequence, sequence);
        }

        assertThat(client.reached().sequence()).isEqualTo(30_000);
        assertThat(backfill.fellBehind()).isZero();
    }

    @Test
    void aWatchReceivesTheSnapshotThenThatItIsCurrentThenTheChanges() {
        ScriptedSnapshot snapshot = watch(Duration.ZERO);
        LosslessSubscriber client = join(stream.position(snapshot));
        connect();
        assertThat(client.snapshotUnread()).isTrue();

        snapshot.entry(1, 1);
        snapshot.entry(3, 0);
        loop.run();
        store(4, 4);

        assertThat(socket.received()).containsExactly(CONNECTED, "1", "3", "current {\"revision\":3}", "4");
        assertThat(client.snapshotUnread()).isFalse();
        assertThat(stream.pages.asked()).isEmpty();
    }

    @Test
    void aWatchIsCurrentAfterWhatTheSnapshotDidNotHaveYet() {
        ScriptedSnapshot snapshot = watch(Duration.ZERO);
        join(stream.position(snapshot));
        connect();

        snapshot.entry(1, 0);
        loop.run();
        assertThat(socket.received()).containsExactly(CONNECTED, "1");
        page(2, 3);

        assertThat(socket.received()).containsExactly("2", "3", "current {\"revision\":3}");
    }

    @Test
    void aWatchThatBeginsAtTheEndIsCurrentAtOnce() {
        watch(Duration.ZERO);

        join(stream.position(3));
        connect();

        assertThat(socket.received()).containsExactly("@3", CONNECTED, "current {\"revision\":3}");
    }

    @Test
    void releasesTheSnapshotWhenItLeaves() {
        ScriptedSnapshot snapshot = watch(Duration.ZERO);
        LosslessSubscriber client = join(stream.position(snapshot));
        connect();

        leave(client);
        loop.run();

        assertThat(snapshot.closed()).isTrue();
        assertThat(socket.received()).containsExactly(CONNECTED);
    }

    @Test
    void aWatchThatMayHaveMissedAMarkerEndsInPlaceOfThePage() {
        watch(Duration.ofNanos(1));
        LosslessSubscriber client = join(stream.position(1));
        connect();
        socket.received();

        page(2, 3);

        assertThat(client.late()).isTrue();
        assertThat(ends).isEqualTo(1);
        assertThat(socket.received()).isEmpty();
    }

    @Test
    void thePartOfAWatchUpToItsBeginningIsNotInterruptedForMarkers() {
        watch(Duration.ofNanos(1));
        LosslessSubscriber client = join(stream.position(0));
        connect();
        socket.received();

        page(1, 2);

        assertThat(client.late()).isFalse();
        assertThat(socket.received()).containsExactly("1", "2");
    }

    @Test
    void aSnapshotIsNotInterruptedForMarkers() {
        ScriptedSnapshot snapshot = watch(Duration.ofNanos(1));
        LosslessSubscriber client = join(stream.position(snapshot));
        connect();

        snapshot.entry(1, 1);
        snapshot.entry(4, 0);
        loop.run();

        assertThat(client.late()).isFalse();
        assertThat(socket.received()).containsExactly(CONNECTED, "1", "4", "current {\"revision\":4}");
    }

    @Test
    void thePageUpToTheEndOfASnapshotIsNotInterruptedForMarkers() {
        ScriptedSnapshot snapshot = watch(Duration.ofNanos(1));
        LosslessSubscriber client = join(stream.position(snapshot));
        connect();
        snapshot.entry(1, 0);
        loop.run();

        page(2, 3);

        assertThat(client.late()).isFalse();
        assertThat(ends).isZero();
    }

    @Test
    void aWatchThatReadsInTimeHasMissedNoMarker() {
        watch(Duration.ofDays(1));
        LosslessSubscriber client = join(stream.position(1));
        connect();

        page(2, 3);

        assertThat(client.late()).isFalse();
        assertThat(ends).isZero();
    }

    private LosslessSubscriber in(Phase phase) {
        return switch (phase) {
            case JOINING -> joining();
            case LIVE -> live();
            case BEHIND -> behind();
            case READING -> reading();
            case PAUSING -> pausing();
        };
    }

    private LosslessSubscriber joining() {
        LosslessSubscriber client = join(stream.position(5));
        socket.received();
        return client;
    }

    private LosslessSubscriber live() {
        LosslessSubscriber client = join(stream.position(10));
        connect();
        socket.received();
        return client;
    }

    private LosslessSubscriber reading() {
        LosslessSubscriber client = joining();
        connect();
        socket.received();
        stream.pages.asked();
        return client;
    }

    private LosslessSubscriber pausing() {
        LosslessSubscriber client = reading();
        stream.pages.fail(new IllegalStateException("on purpose"));
        loop.run();
        return client;
    }

    /** The client has everything, does not read, and its buffer is full. */
    private LosslessSubscriber behind() {
        LosslessSubscriber client = live();
        socket.stall();
        connection.write("x".repeat(300).getBytes(StandardCharsets.US_ASCII));
        client.dropped(1);
        socket.written();
        return client;
    }

    private StreamFeed feed() {
        backfill = new Backfill(stream, config, workers);
        StreamFeed made = new StreamFeed(
                stream.position(stream.now().last()), stream, config, workers, new AsyncSemaphore(1), ended -> {});
        made.begin();
        return made;
    }

    /** Makes the stream a bucket with three revisions, and returns its snapshot. */
    private ScriptedSnapshot watch(Duration markerTtl) {
        stream = ScriptedStream.bucket(3, markerTtl);
        feed = feed();
        return stream.snapshot();
    }

    private LosslessSubscriber join(ReplayPosition start) {
        return join(socket, start);
    }

    private LosslessSubscriber join(ScriptedResponse client, ReplayPosition start) {
        SseConnection opened = new SseConnection("logs", client.client(loop, Validity.until(Instant.MAX)), config);
        if (client == socket) {
            connection = opened;
        }
        LosslessSubscriber subscriber = new LosslessSubscriber(opened, RAW, start, feed, backfill, () -> ends++);
        subscriber.begin();
        return subscriber;
    }

    private void leave(LosslessSubscriber client) {
        client.leave();
        feed.hub().leave(client, RAW, loop.loop());
    }

    private void connect() {
        stream.connect();
        loop.run();
    }

    private void store(long from, long to) {
        stream.store(from, to);
        loop.run();
    }

    private void page(long from, long to) {
        stream.pages.answer(stream.page(from, to));
        loop.run();
    }

    /** Returns a batch with these sequences, which continues the message before the first one. */
    private static SharedBatch batch(long... sequences) {
        List<Frame> frames = LongStream.of(sequences)
                .mapToObj(sequence ->
                        new Frame(("data: " + sequence + "\n\n").getBytes(StandardCharsets.US_ASCII), sequence))
                .toList();
        int size = frames.stream().mapToInt(frame -> frame.bytes().length).sum();
        return SharedBatch.of(frames, size, sequences[0] - 1);
    }
}
