package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.flow.AsyncSemaphore;
import dev.sluice.stream.replay.ScriptedStream;
import dev.sluice.stream.replay.ScriptedStream.Range;
import dev.sluice.stream.replay.StreamState;
import dev.sluice.support.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One reader of a stream for all its subscribers: what they receive, how much is requested, and how it ends. */
class StreamFeedTest {
    private static final Projection RAW = new Projection(EventFormat.RAW, MessageFilter.NONE);
    private static final int DEMAND = 512;

    private final ScriptedLoop loop = new ScriptedLoop();
    private final FilterWorkers workers = new FilterWorkers(Runnable::run, 1_000);
    private final EventsConfig config = Settings.of(EventsConfig.class, Map.of("sluice.events.loop-buffer", "1000"));
    private final AsyncSemaphore advances = new AsyncSemaphore(1);
    private final List<StreamFeed> ended = new ArrayList<>();
    private ScriptedStream stream;
    private StreamFeed feed;

    @BeforeEach
    void followStream() {
        follow(ScriptedStream.of(10));
    }

    @Test
    void passesEachMessageToAllSubscribers() {
        RecordingSubscriber first = join();
        RecordingSubscriber second = join();

        store(11, 12);

        assertThat(first.text()).contains("data: 11", "data: 12").isEqualTo(second.text());
        assertThat(feed.head()).isEqualTo(12);
    }

    @Test
    void passesNothingToASubscriberThatHasLeft() {
        RecordingSubscriber gone = join();
        RecordingSubscriber other = join();
        feed.hub().leave(gone, RAW, loop.loop());

        store(11, 11);

        assertThat(gone.got).isEmpty();
        assertThat(other.got).hasSize(1);
    }

    @Test
    void aMessageOfAnotherSubjectAdvancesTheHeadOnly() {
        RecordingSubscriber client = join();

        stream.store(stream.message(11, "metrics.a"));
        loop.run();

        assertThat(client.got).isEmpty();
        assertThat(feed.head()).isEqualTo(11);
    }

    @Test
    void theOthersReceiveTheMessagesIfASubscriberThrows() {
        RecordingSubscriber broken = new RecordingSubscriber() {
            @Override
            public void take(SharedBatch batch) {
                throw new AssertionError("on purpose");
            }

            @Override
            public void ended() {
                throw new AssertionError("on purpose");
            }
        };
        feed.hub().join(broken, RAW, loop.loop(), feed::head);
        RecordingSubscriber other = join();

        store(11, 11);
        store(12, 12);
        stream.recreate();
        loop.run();

        assertThat(broken.got).containsExactly("dropped 1", "dropped 1");
        assertThat(other.got).hasSize(3).last().isEqualTo("ended");
    }

    @Test
    void releasesTheMemoryOfItsMessages() {
        List<SharedBatch> batches = new ArrayList<>();
        feed.hub()
                .join(
                        new RecordingSubscriber() {
                            @Override
                            public void take(SharedBatch batch) {
                                batches.add(batch);
                                super.take(batch);
                            }
                        },
                        RAW,
                        loop.loop(),
                        feed::head);

        store(11, 11);
        store(12, 12);

        assertThat(batches).hasSize(2).allMatch(SharedBatch::freed);
    }

    @Test
    void collectsNothingAfterTheLastSubscriberHasLeft() {
        RecordingSubscriber client = join();
        feed.hub().leave(client, RAW, loop.loop());

        stream.store(11, 200);

        assertThat(loop.idle()).isTrue();
        assertThat(feed.hub().crowded()).isFalse();
    }

    @Test
    void requestsMoreWhenHalfOfItsDemandHasArrived() {
        assertThat(stream.requested()).isEqualTo(DEMAND);

        store(11, 10 + DEMAND / 2 - 1);
        assertThat(stream.requested()).isEqualTo(DEMAND);
        store(10 + DEMAND / 2, 10 + DEMAND / 2);

        assertThat(stream.requested()).isEqualTo(DEMAND + DEMAND / 2);
    }

    @Test
    void requestsNothingWhileAnEventLoopIsCrowded() {
        RecordingSubscriber client = join();

        stream.store(11, 10 + DEMAND);
        assertThat(stream.requested()).isEqualTo(DEMAND);
        loop.run();

        assertThat(client.got).isNotEmpty();
        assertThat(stream.requested()).isEqualTo(2 * DEMAND);
    }

    @Test
    void stopsFollowingWhenItIsClosed() {
        assertThat(stream.followed()).isTrue();

        feed.close();

        assertThat(stream.followed()).isFalse();
        assertThat(ended).isEmpty();
    }

    @Test
    void followsNothingIfItIsClosedBeforeItHasBegun() {
        ScriptedStream other = ScriptedStream.of(10);
        StreamFeed early = feed(other);

        early.close();
        early.begin();

        assertThat(other.followed()).isFalse();
        assertThat(other.requested()).isZero();
    }

    @Test
    void endsWithTheEpochOfItsStream() {
        RecordingSubscriber client = join();

        stream.recreate();
        loop.run();

        assertEnded(StreamFeed.End.RECREATED);
        assertThat(client.text()).isEqualTo("ended");
    }

    @Test
    void endsIfMessagesWereRemovedBeforeItReceivedThem() {
        RecordingSubscriber client = join();

        stream.failFollower(ScriptedStream.fellBehind());
        loop.run();

        assertEnded(StreamFeed.End.BEHIND);
        assertThat(client.text()).isEqualTo("ended");
    }

    @Test
    void isDeniedIfNatsRefusesIt() {
        RecordingSubscriber client = join();

        stream.failFollower(Failure.FORBIDDEN.because("on purpose"));
        loop.run();

        assertEnded(StreamFeed.End.NOT_SERVED);
        assertThat(client.text()).isEqualTo("denied FORBIDDEN");
    }

    @Test
    void endsWithItsStream() {
        RecordingSubscriber client = join();

        feed.deleted();
        loop.run();

        assertEnded(StreamFeed.End.NOT_SERVED);
        assertThat(client.text()).isEqualTo("ended");
    }

    @Test
    void endsOnceForTheFirstReason() {
        RecordingSubscriber client = join();

        feed.deleted();
        feed.recreated();
        stateChecked(stream.withEpoch("e2"));
        loop.run();

        assertEnded(StreamFeed.End.NOT_SERVED);
        assertThat(client.text()).isEqualTo("ended");
    }

    @Test
    void aSubscriberThatJoinsAfterTheEndIsToldOfIt() {
        stream.recreate();

        RecordingSubscriber client = join();
        loop.run();

        assertThat(client.text()).isEqualTo("ended");
    }

    @Test
    void endsIfItsStreamHasAnotherEpoch() {
        stateChecked(stream.withEpoch("e2"));

        assertEnded(StreamFeed.End.RECREATED);
    }

    @Test
    void endsIfItsStreamHasLostItsMessages() {
        stateChecked(stream.withRange(1, 3));

        assertEnded(StreamFeed.End.RECREATED);
    }

    @Test
    void endsIfItsStreamStoresOtherSubjects() {
        stateChecked(stream.withSubjects("metrics.>"));

        assertEnded(StreamFeed.End.NOT_SERVED);
    }

    @Test
    void isInterruptedByAnAnswerOfAReplicaThatIsBehind() {
        RecordingSubscriber client = join();
        stream.connect();

        stateChecked(stream.ofReplica(3));
        loop.run();

        assertThat(client.text()).isEqualTo("status|status");
        assertThat(feed.end()).isNull();
    }

    @Test
    void isInterruptedUntilJetStreamAnswers() {
        RecordingSubscriber client = join();
        stream.connect();
        loop.run();
        client.got.clear();

        feed.stateCheck().unanswered();
        loop.run();
        assertThat(client.text()).isEqualTo("status");
        stateChecked(stream.now());
        loop.run();

        assertThat(client.text()).isEqualTo("status|status");
    }

    @Test
    void aMessageSinceTheQuestionAnswersIt() {
        RecordingSubscriber client = join();
        stream.connect();
        StreamFeed.StateCheck check = feed.stateCheck();
        store(11, 11);
        client.got.clear();

        check.unanswered();
        loop.run();

        assertThat(client.got).isEmpty();
    }

    @Test
    void advancesWhileItsSubjectsAreQuiet() {
        RecordingSubscriber client = join();

        quiet();
        assertThat(stream.nothing.asked()).containsExactly(new Range(10, 50));
        stream.nothing.answer(true);
        loop.run();

        assertThat(client.text()).startsWith("id: e1").endsWith("-50\n\n");
        assertThat(feed.head()).isEqualTo(50);
    }

    @Test
    void doesNotAdvanceAtTheFirstQuietCheck() {
        stateChecked(stream.withRange(5, 50));

        assertThat(stream.nothing.asked()).isEmpty();
    }

    @Test
    void doesNotAdvanceIfAMessageHasArrivedBetweenTwoChecks() {
        stateChecked(stream.withRange(5, 50));
        store(11, 11);

        stateChecked(stream.withRange(5, 50));

        assertThat(stream.nothing.asked()).isEmpty();
    }

    @Test
    void doesNotAdvanceBeyondMessagesThatAreOnTheirWay() {
        quiet();

        stream.nothing.answer(false);

        assertThat(feed.head()).isEqualTo(10);
    }

    @Test
    void doesNotAdvanceBeyondAMessageThatArrivesMeanwhile() {
        RecordingSubscriber client = join();
        quiet();

        store(11, 11);
        stream.nothing.answer(true);
        loop.run();

        assertThat(client.got).singleElement().asString().contains("data: 11");
        assertThat(feed.head()).isEqualTo(11);
    }

    @Test
    void searchesTheEndOnceAtATime() {
        quiet();

        stateChecked(stream.withRange(5, 60));
        assertThat(stream.nothing.asked()).hasSize(1);
        stream.nothing.fail(new IllegalStateException("on purpose"));
        stateChecked(stream.withRange(5, 60));

        assertThat(stream.nothing.asked()).containsExactly(new Range(10, 60));
    }

    @Test
    void searchesTheEndWhenTheSearchOfAnotherFeedHasEnded() {
        ScriptedStream first = stream;
        quiet();
        follow(ScriptedStream.of(10));

        quiet();
        assertThat(stream.nothing.asked()).isEmpty();
        first.nothing.answer(false);

        assertThat(stream.nothing.asked()).containsExactly(new Range(10, 50));
    }

    @Test
    void reportsWhatALimitHasRemovedFromABucket() {
        follow(ScriptedStream.bucket(10));
        RecordingSubscriber client = join();

        stateChecked(stream.evicting(4));
        loop.run();

        assertThat(client.text()).isEqualTo("removed 1 to 3");
        assertThat(feed.end()).isNull();
    }

    @Test
    void anEarlierStateOfABucketShowsNoRemoval() {
        follow(ScriptedStream.bucket(10));
        stateChecked(stream.withRange(1, 20));

        stateChecked(stream.withCount(3));

        assertThat(feed.end()).isNull();
    }

    @Test
    void endsIfABucketHasLostKeysWithoutAMarker() {
        follow(ScriptedStream.bucket(10));
        RecordingSubscriber client = join();

        stateChecked(stream.withCount(9));
        loop.run();

        assertEnded(StreamFeed.End.PURGED);
        assertThat(client.text()).isEqualTo("ended");
    }

    private void assertEnded(StreamFeed.End reason) {
        assertThat(feed.end()).isEqualTo(reason);
        assertThat(ended).containsExactly(feed);
        assertThat(stream.followed()).isFalse();
    }

    /** Checks the state twice after other subjects have got messages: the end of the stream may then be searched. */
    private void quiet() {
        StreamState later = stream.withRange(5, 50);
        stateChecked(later);
        stateChecked(later);
    }

    private void stateChecked(StreamState now) {
        feed.stateCheck().received(now);
    }

    private void follow(ScriptedStream followed) {
        stream = followed;
        feed = feed(followed);
        feed.begin();
    }

    private StreamFeed feed(ScriptedStream followed) {
        return new StreamFeed(
                followed.position(followed.now().last()), followed, config, workers, advances, ended::add);
    }

    private RecordingSubscriber join() {
        RecordingSubscriber client = new RecordingSubscriber();
        feed.hub().join(client, RAW, loop.loop(), feed::head);
        return client;
    }

    private void store(long from, long to) {
        stream.store(from, to);
        loop.run();
    }
}
