package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Validity;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.replay.ReplayPosition;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.ScriptedSnapshot;
import dev.sluice.stream.replay.ScriptedStream;
import dev.sluice.stream.replay.ScriptedStream.Range;
import dev.sluice.support.Settings;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One client's tail: where it continues after each end of its feed, and that nothing is left of a client that leaves. */
class StreamTailTest {
    private static final SubjectSet LOGS = SubjectSet.of(List.of(new SubjectPattern("logs.>")));
    private static final SubjectSet KEYS = SubjectSet.of(List.of(new SubjectPattern("b.>")));
    private static final String CONNECTED = "status {\"nats\":\"connected\"}";
    private static final String RECONNECTING = "status {\"nats\":\"reconnecting\"}";
    private static final String PURGED = "gap {\"reason\":\"purged\"}";
    private static final String RECREATED = "gap {\"reason\":\"stream-recreated\"}";
    private static final String LIFETIME = "closed {\"reason\":\"lifetime\"}";
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private final ScriptedLoop loop = new ScriptedLoop();
    private final ScriptedResponse socket = new ScriptedResponse();
    private final EventsConfig config = Settings.of(EventsConfig.class, Map.of());
    private final FilterWorkers workers = new FilterWorkers(Runnable::run, 1_000);
    private ScriptedStream stream = ScriptedStream.of(10);
    private StreamFeeds feeds;
    private SseConnection connection;
    private Runnable onCore = () -> {};
    private int servedFromCore;
    private int leftCore;

    @AfterEach
    void leave() {
        socket.leave();
    }

    @Test
    void aRecreatedStreamIsSearchedForTheLastMessageOfTheFeed() {
        live(10);
        stream.store(11, 12);
        loop.run();

        stream.recreate();
        loop.run();
        locate(stream.position(12));

        assertThat(stream.positions.asked()).containsExactly(new ReplayStart.After("e1", 12, 12));
        assertThat(socket.received()).containsExactly("11", "12", "@12");
    }

    @Test
    void aClientThatWasBehindContinuesAtItsOwnMessageIfTheStreamWasNotRecreated() {
        live(5);
        stream.pages.asked();

        stream.recreate();
        loop.run();
        locate(stream.position(10));
        connect();

        assertThat(stream.positions.asked()).containsExactly(new ReplayStart.After("e1", 10, 10));
        assertThat(socket.received()).containsExactly("@5");
        assertThat(stream.pages.asked()).containsExactly(new Range(5, 10));
    }

    @Test
    void aClientOfARecreatedStreamIsToldAndBeginsAtItsFirstMessage() {
        live(10);

        stream.recreate();
        loop.run();
        locate(stream.recreatedPosition());

        assertThat(socket.received()).containsExactly(RECREATED, "@0");
    }

    @Test
    void aFeedThatFellBehindIsFollowedByTheNextMessageOfEachClient() {
        live(7);

        stream.failFollower(ScriptedStream.fellBehind());
        loop.run();
        loop.forward(RETRY_DELAY);
        locate(stream.position(7));

        assertThat(stream.positions.asked()).containsExactly(new ReplayStart.After("e1", 7, 0));
        assertThat(socket.received()).containsExactly("@7");
    }

    @Test
    void aClientThatHasAllOfAFeedThatFellBehindContinuesAtTheTimeOfItsMessage() {
        live(10);
        stream.store(11, 12);
        loop.run();

        stream.failFollower(ScriptedStream.fellBehind());
        loop.run();
        loop.forward(RETRY_DELAY);
        locate(stream.position(12));

        assertThat(stream.positions.asked()).containsExactly(new ReplayStart.After("e1", 12, 12));
    }

    @Test
    void aPurgedBucketIsReadAnew() {
        watch(3, Duration.ZERO);
        begin(stream.position(3));

        feed().stateCheck().received(stream.withCount(2));
        loop.run();

        assertThat(socket.received()).containsExactly(PURGED);
        assertSeeks(ReplayStart.Edge.LAST_PER_SUBJECT);
    }

    @Test
    void aWatchThatMayHaveMissedAMarkerIsReadAnew() {
        watch(3, Duration.ofNanos(1));
        begin(stream.position(1));

        stream.pages.answer(stream.page(2, 3));
        loop.run();

        assertThat(socket.received()).containsExactly(PURGED);
        assertSeeks(ReplayStart.Edge.LAST_PER_SUBJECT);
    }

    @Test
    void aSnapshotOfWhichNothingWasReadIsReadFromTheNewEpoch() {
        watch(3, Duration.ZERO);
        ScriptedSnapshot snapshot = stream.snapshot();
        begin(stream.position(snapshot));

        stream.recreate();
        loop.run();

        assertThat(snapshot.closed()).isTrue();
        assertThat(socket.received()).isEmpty();
        assertSeeks(ReplayStart.Edge.LAST_PER_SUBJECT);
    }

    @Test
    void aSnapshotOfWhichNothingWasReadIsReadAnewIfTheFeedFellBehind() {
        watch(3, Duration.ZERO);
        begin(stream.position(stream.snapshot()));

        stream.failFollower(ScriptedStream.fellBehind());
        loop.run();

        assertSeeks(ReplayStart.Edge.LAST_PER_SUBJECT);
    }

    @Test
    void aSnapshotThatWasReadInPartIsNotReadAnew() {
        watch(3, Duration.ZERO);
        ScriptedSnapshot snapshot = stream.snapshot();
        begin(stream.position(snapshot));
        snapshot.entry(2, 0);
        loop.run();

        stream.recreate();
        loop.run();

        assertSeeks(new ReplayStart.After("e1", 3, 3));
    }

    @Test
    void aClientReconnectsIfItsStreamIsGone() {
        live(10);

        feed().deleted();
        loop.run();

        assertThat(socket.received()).containsExactly(LIFETIME);
        assertThat(stream.reachable.asked()).isEmpty();
        assertThat(stream.followed()).isFalse();
    }

    @Test
    void aClientReconnectsIfItsStreamIsGoneBeforeItsSnapshotWasRead() {
        watch(3, Duration.ZERO);
        ScriptedSnapshot snapshot = stream.snapshot();
        begin(stream.position(snapshot));

        feed().deleted();
        loop.run();

        assertThat(socket.received()).containsExactly(LIFETIME);
        assertThat(snapshot.closed()).isTrue();
    }

    @Test
    void aClientThatLeavesStopsFollowing() {
        live(10);
        assertThat(stream.followed()).isTrue();

        leave();

        assertNothingLeft();
    }

    @Test
    void aFeedOfOthersForgetsAClientThatLeaves() {
        live(10);
        SharedFeeds.Lease<StreamFeed> other = feeds.lease(stream.position(10));

        leave();
        stream.store(11, 11);

        assertThat(loop.idle()).isTrue();
        other.release().run();
        assertNothingLeft();
    }

    @Test
    void theSnapshotOfAClientThatLeftBeforeTheBeginIsReleased() {
        watch(3, Duration.ZERO);
        ScriptedSnapshot snapshot = stream.snapshot();
        StreamTail tail = watchingTail(ReplayStart.Edge.LAST_PER_SUBJECT);

        leave();
        tail.begin(stream.position(snapshot));

        assertThat(snapshot.closed()).isTrue();
        assertThat(stream.requested()).isZero();
        assertNothingLeft();
    }

    @Test
    void nothingIsLeftOfAClientWhoseFirstEventShowsThatItHasLeft() {
        StreamTail tail = tail(TailRequest.Source.ANY, Optional.empty());
        socket.failAtOnce();

        tail.begin(stream.recreatedPosition());
        loop.run();

        assertThat(connection.open()).isFalse();
        assertNothingLeft();
    }

    @Test
    void aClientThatLeavesNoLongerWaitsForNats() {
        seeking();
        assertThat(stream.reachable.open()).isEqualTo(1);

        leave();

        assertThat(stream.reachable.open()).isZero();
        assertThat(loop.idle()).isTrue();
        assertNothingLeft();
    }

    @Test
    void aClientThatLeavesWhileItsStreamIsSearchedReceivesNothing() {
        seeking();
        stream.reachable.answer(null);

        leave();
        stream.covering.answer(Optional.of(stream.now()));
        stream.positions.answer(stream.position(10));

        assertNothingLeft();
    }

    @Test
    void theSnapshotOfAClientThatLeavesWhileItIsOpenedIsReleased() {
        watch(3, Duration.ZERO);
        ScriptedSnapshot snapshot = stream.snapshot();
        watchingTail(ReplayStart.Edge.LAST_PER_SUBJECT).seek(ReplayStart.Edge.LAST_PER_SUBJECT);
        stream.reachable.answer(null);

        leave();
        stream.positions.answer(stream.position(snapshot));
        loop.run();

        assertThat(snapshot.closed()).isTrue();
        assertNothingLeft();
    }

    @Test
    void aClientThatLeavesRightAfterItsPositionWasFoundReceivesNothing() {
        seeking();
        stream.reachable.answer(null);
        stream.covering.answer(Optional.of(stream.now()));
        stream.positions.answer(stream.position(10));

        leave();

        assertNothingLeft();
    }

    @Test
    void nothingIsAskedForAClientThatLeavesBetweenTwoAttempts() {
        seeking();
        stream.reachable.answer(null);
        stream.reachable.asked();
        stream.covering.fail(unavailable());
        loop.run();

        leave();

        assertNothingLeft();
        assertThat(stream.reachable.asked()).isEmpty();
    }

    @Test
    void nothingIsAskedForAClientThatLeavesAfterItsFeedFellBehind() {
        live(10);
        stream.failFollower(ScriptedStream.fellBehind());
        loop.run();

        leave();

        assertNothingLeft();
        assertThat(stream.reachable.asked()).isEmpty();
    }

    @Test
    void triesAgainAfterAPauseWhileNatsIsUnavailable() {
        seeking();
        stream.reachable.answer(null);
        stream.reachable.asked();

        stream.covering.fail(unavailable());
        loop.run();
        loop.forward(RETRY_DELAY.minusMillis(1));
        assertThat(socket.received()).containsExactly(RECONNECTING);
        assertThat(stream.reachable.asked()).isEmpty();
        loop.forward(Duration.ofMillis(1));

        assertThat(stream.reachable.asked()).hasSize(1);
    }

    @Test
    void aClientThatIsConnectedAfterSomeAttemptsIsToldNothingMore() {
        seeking();
        stream.reachable.answer(null);
        stream.covering.fail(unavailable());
        loop.run();
        loop.forward(RETRY_DELAY);

        locate(stream.position(10));
        connect();
        loop.forward(Duration.ofMinutes(1));

        assertThat(socket.received()).containsExactly(RECONNECTING, "@10", CONNECTED);
    }

    @Test
    void aClientIsToldOnceThatItsPositionIsLongInComing() {
        seeking();

        loop.forward(Duration.ofMillis(1499));
        assertThat(socket.received()).isEmpty();
        loop.forward(Duration.ofMinutes(1));

        assertThat(socket.received()).containsExactly(RECONNECTING);
    }

    @Test
    void aClientWhosePositionIsFoundInTimeIsNotToldThatItWaited() {
        seeking();
        locate(stream.position(10));

        loop.forward(Duration.ofMinutes(1));

        assertThat(socket.received()).containsExactly("@10");
    }

    @Test
    void aClientIsClosedIfItsStreamIsForbidden() {
        tail(TailRequest.Source.STREAM, Optional.empty()).seek(ReplayStart.Edge.NEW);
        stream.reachable.answer(null);

        stream.covering.fail(Failure.FORBIDDEN.because("on purpose"));
        loop.run();

        assertThat(socket.received()).containsExactly("closed {\"reason\":\"forbidden\"}");
    }

    @Test
    void aClientReconnectsToReceiveAnyOtherRejection() {
        seeking();
        stream.reachable.answer(null);

        stream.covering.fail(Failure.LIMIT_REACHED.because("on purpose"));
        loop.run();

        assertThat(socket.received()).containsExactly(LIFETIME);
    }

    @Test
    void aClientIsServedFromCoreNatsIfNoStreamStoresItsSubjects() {
        seeking();

        findNoStream();
        assertThat(servedFromCore).isEqualTo(1);
        assertThat(leftCore).isZero();
        leave();

        assertThat(leftCore).isEqualTo(1);
    }

    @Test
    void aClientThatLeavesWhileItIsServedFromCoreNatsLeavesAtOnce() {
        onCore = this::leave;
        seeking();

        findNoStream();

        assertThat(leftCore).isEqualTo(1);
    }

    @Test
    void aClientThatNeedsAStreamReconnectsIfThereIsNone() {
        tail(TailRequest.Source.ANY, Optional.of(ReplayStart.Edge.ALL)).seek(ReplayStart.Edge.ALL);

        findNoStream();

        assertThat(socket.received()).containsExactly(LIFETIME);
        assertThat(servedFromCore).isZero();
    }

    @Test
    void aClientThatHasReceivedMessagesOfAStreamIsNotServedFromCoreNats() {
        live(10);
        stream.recreate();
        loop.run();

        findNoStream();

        assertThat(socket.received()).containsExactly(LIFETIME);
        assertThat(servedFromCore).isZero();
    }

    @Test
    void aForbiddenSearchFindsNoStreamIfCoreNatsIsSufficient() {
        UniAssertSubscriber<Optional<ReplayPosition>> found = find(request(TailRequest.Source.ANY, Optional.empty()));

        stream.covering.fail(Failure.FORBIDDEN.because("on purpose"));

        found.assertItem(Optional.empty());
    }

    @Test
    void aForbiddenSearchFailsForAClientThatNeedsAStream() {
        UniAssertSubscriber<Optional<ReplayPosition>> found =
                find(request(TailRequest.Source.STREAM, Optional.empty()));

        stream.covering.fail(Failure.FORBIDDEN.because("on purpose"));

        assertFailed(found, Failure.FORBIDDEN);
    }

    @Test
    void aWatchFailsIfItsBucketDoesNotExist() {
        watch(3, Duration.ZERO);
        stream.delete();

        assertFailed(find(watchRequest(ReplayStart.Edge.ALL)), Failure.NO_BUCKET);
    }

    @Test
    void aStreamWithTheNameOfABucketIsNoBucket() {
        watch(3, Duration.ZERO);
        stream.become(stream.withSubjects("logs.>"));

        assertFailed(find(watchRequest(ReplayStart.Edge.ALL)), Failure.NO_BUCKET);
    }

    @Test
    void aWatchThatResumesIsToldWhatLimitsMayHaveRemoved() {
        watch(10, Duration.ZERO);
        stream.become(stream.evicting(4));

        watchingTail(new ReplayStart.After("e1", 10, 10)).begin(stream.position(10));

        assertThat(socket.received()).containsExactly("gap {\"from\":1,\"to\":3}", "@10");
    }

    @Test
    void aNewWatchMayHaveNothingThatLimitsHaveRemoved() {
        watch(10, Duration.ZERO);
        stream.become(stream.evicting(4));

        watchingTail(ReplayStart.Edge.NEW).begin(stream.position(10));

        assertThat(socket.received()).containsExactly("@10");
    }

    /** Opens a tail that has received everything up to {@code position}. */
    private void live(long position) {
        StreamTail tail = tail(TailRequest.Source.ANY, Optional.empty());
        tail.begin(stream.position(position));
        connect();
        socket.received();
    }

    private void seeking() {
        tail(TailRequest.Source.ANY, Optional.empty()).seek(ReplayStart.Edge.NEW);
    }

    /** Makes the stream a bucket. */
    private void watch(long last, Duration markerTtl) {
        stream = ScriptedStream.bucket(last, markerTtl);
    }

    private void begin(ReplayPosition position) {
        watchingTail(ReplayStart.Edge.LAST_PER_SUBJECT).begin(position);
        connect();
        socket.received();
    }

    private StreamTail watchingTail(ReplayStart start) {
        return tail(watchRequest(start));
    }

    private StreamTail tail(TailRequest.Source source, Optional<ReplayStart> start) {
        return tail(request(source, start));
    }

    private StreamTail tail(TailRequest request) {
        socket.takeAtOnce();
        feeds = new StreamFeeds(stream, config, workers);
        connection = new SseConnection("logs", socket.client(loop, Validity.until(Instant.MAX)), config);
        StreamTail tail = new StreamTail(
                request, connection, stream, feeds, new Backfill(stream, config, workers), this::serveFromCore);
        connection.onClosed(tail::close);
        return tail;
    }

    private Runnable serveFromCore() {
        servedFromCore++;
        onCore.run();
        return () -> leftCore++;
    }

    private static TailRequest request(TailRequest.Source source, Optional<ReplayStart> start) {
        return new TailRequest(LOGS, MessageFilter.NONE, EventFormat.RAW, source, start, Optional.empty());
    }

    private static TailRequest watchRequest(ReplayStart start) {
        return new TailRequest(
                KEYS,
                MessageFilter.NONE,
                EventFormat.RAW,
                TailRequest.Source.STREAM,
                Optional.of(start),
                Optional.empty(),
                Optional.of(WatchedStore.of(new BucketName("b"))));
    }

    private UniAssertSubscriber<Optional<ReplayPosition>> find(TailRequest request) {
        return StreamTail.find(stream, request, ReplayStart.Edge.NEW)
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());
    }

    /** Returns the feed of the open tail. */
    private StreamFeed feed() {
        SharedFeeds.Lease<StreamFeed> lease = feeds.lease(stream.position(0));
        lease.release().run();
        return lease.feed();
    }

    private void connect() {
        stream.connect();
        loop.run();
    }

    /** Answers all questions of a tail that searches its position. */
    private void locate(ReplayPosition position) {
        stream.reachable.answer(null);
        stream.covering.answer(Optional.of(stream.now()));
        stream.positions.answer(position);
        loop.run();
    }

    private void findNoStream() {
        stream.reachable.answer(null);
        stream.covering.answer(Optional.empty());
        loop.run();
    }

    /** The tail of a bucket searches the position of {@code start}. */
    private void assertSeeks(ReplayStart start) {
        stream.reachable.answer(null);
        assertThat(stream.positions.asked()).containsExactly(start);
    }

    /** The client has received nothing since it left, no feed is open, and no timer will do anything. */
    private void assertNothingLeft() {
        socket.received();
        loop.forward(Duration.ofMinutes(1));
        assertThat(socket.received()).isEmpty();
        assertThat(feeds.open()).isZero();
        assertThat(stream.followed()).isFalse();
        assertThat(loop.idle()).isTrue();
    }

    private static void assertFailed(UniAssertSubscriber<?> found, Failure failure) {
        assertThat(found.awaitFailure().getFailure())
                .isInstanceOfSatisfying(SluiceException.class, known -> assertThat(known.failure())
                        .isEqualTo(failure));
    }

    private static SluiceException unavailable() {
        return Failure.UNAVAILABLE.because("on purpose");
    }
}
