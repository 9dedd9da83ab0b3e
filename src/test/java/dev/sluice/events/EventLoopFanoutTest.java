package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All clients of an event loop receive one shared batch. A client that fails or leaves does not affect the others. */
class EventLoopFanoutTest {
    private final ScriptedLoop loop = new ScriptedLoop();
    private Runnable beforeRound = () -> {};
    private EventLoopFanout fanout = fanout(Map.of());

    @Test
    void sendsCollectedFramesToAllSubscribersAsOneBatch() {
        List<RecordingSubscriber> clients = clients(10);

        offer("a", "b", "c");
        loop.run();

        assertThat(clients).allSatisfy(client -> assertThat(client.got).containsExactly("abc"));
    }

    @Test
    void theBatchIsDroppedOnlyForASubscriberThatThrows() {
        RecordingSubscriber before = client();
        RecordingSubscriber broken = new RecordingSubscriber() {
            @Override
            public void take(SharedBatch batch) {
                throw new AssertionError("on purpose");
            }
        };
        fanout.add(broken);
        RecordingSubscriber after = client();

        offer("a", "b");
        loop.run();
        offer("c");
        loop.run();

        assertThat(before.text()).isEqualTo("ab|c");
        assertThat(after.text()).isEqualTo("ab|c");
        assertThat(broken.text()).isEqualTo("dropped 2|dropped 1");
    }

    @Test
    void theOthersReceiveTheNextBatchIfASubscriberAlwaysThrows() {
        fanout.add(new RecordingSubscriber() {
            @Override
            public void take(SharedBatch batch) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void dropped(long events) {
                throw new IllegalStateException("on purpose");
            }
        });
        RecordingSubscriber other = client();

        offer("a");
        loop.run();
        fanout.dropped(1, 0);
        loop.run();
        offer("b");
        loop.run();

        assertThat(other.text()).isEqualTo("a|dropped 1|b");
    }

    @Test
    void aFailedRequestForMoreDropsNoBatch() {
        beforeRound = () -> {
            throw new AssertionError("on purpose");
        };
        fanout = fanout(Map.of());
        RecordingSubscriber client = client();

        offer("a");
        loop.run();
        offer("b");
        loop.run();

        assertThat(client.text()).isEqualTo("a|b");
    }

    @Test
    void releasesTheMemoryOfABatchWithoutSubscribers() {
        List<SharedBatch> batches = new ArrayList<>();
        fanout.add(new RecordingSubscriber() {
            @Override
            public void take(SharedBatch batch) {
                batches.add(batch);
                throw new IllegalStateException("on purpose");
            }
        });

        offer("a");
        loop.run();

        assertThat(batches).singleElement().satisfies(batch -> assertThat(batch.freed())
                .isTrue());
    }

    @Test
    void theOthersReceiveABatchInWhichASubscriberLeaves() {
        List<RecordingSubscriber> clients = clients(40);
        offer("a");
        loop.turn();
        List<RecordingSubscriber> leaving = clients.stream()
                .filter(client -> clients.indexOf(client) % 3 == 0)
                .toList();

        leaving.forEach(fanout::remove);
        loop.run();

        assertThat(clients).filteredOn(client -> !leaving.contains(client)).allSatisfy(client -> assertThat(client.got)
                .containsExactly("a"));
    }

    @Test
    void thousandsLeaveWithinABatch() {
        List<RecordingSubscriber> clients = clients(20_000);
        offer("a");
        loop.turn();

        clients.forEach(fanout::remove);
        loop.run();
        RecordingSubscriber next = client();
        offer("b");
        loop.run();

        assertThat(next.text()).isEqualTo("b");
        assertThat(clients.get(19_999).got).isEmpty();
    }

    @Test
    void yieldsTheEventLoopAfterAFewWrites() {
        List<RecordingSubscriber> clients = clients(100);

        offer("a", "b");
        loop.turn();

        assertThat(clients.stream().filter(client -> !client.got.isEmpty())).hasSizeLessThan(10);
    }

    @Test
    void yieldsTheEventLoopLaterIfABatchHasOneFrame() {
        List<RecordingSubscriber> clients = clients(100);

        offer("a");
        loop.turn();

        assertThat(clients.stream().filter(client -> !client.got.isEmpty())).hasSize(32);
    }

    @Test
    void schedulesNothingAfterTheLastSlice() {
        RecordingSubscriber client = client();

        offer("a");
        loop.turn();
        boolean idle = loop.idle();
        offer("b");
        loop.turn();

        assertThat(idle).isTrue();
        assertThat(client.text()).isEqualTo("a|b");
    }

    @Test
    void sendsWhatArrivesDuringTheLastSlice() {
        RecordingSubscriber client = new RecordingSubscriber() {
            @Override
            public void take(SharedBatch batch) {
                if (got.isEmpty()) {
                    offer("b");
                }
                super.take(batch);
            }
        };
        fanout.add(client);

        offer("a");
        loop.run();

        assertThat(client.text()).isEqualTo("a|b");
    }

    @Test
    void stalledSubscribersDoNotDelayTheOthers() {
        IntStream.range(0, 200).forEach(i -> fanout.add(FeedSubscriber.NONE));
        RecordingSubscriber reader = client();

        offer("a");
        loop.turn();

        assertThat(reader.text()).isEqualTo("a");
    }

    @Test
    void framesThatDoNotFitIntoTheLoopBufferAreDroppedForAll() {
        EventLoopFanout small = fanout(Map.of("sluice.events.loop-buffer", "3"));
        RecordingSubscriber client = new RecordingSubscriber();
        small.add(client);

        Stream.of("ab", "c", "d", "e").forEach(text -> small.offer(frame(text, 0)));
        loop.run();
        small.offer(frame("f", 0));
        loop.run();

        assertThat(client.text()).isEqualTo("abc|dropped 2|f");
    }

    @Test
    void reportsDroppedMessagesAfterTheFramesBeforeThem() {
        RecordingSubscriber client = client();

        offer("a");
        fanout.dropped(3, 0);
        loop.run();
        offer("b");
        loop.run();

        assertThat(client.text()).isEqualTo("a|dropped 3|b");
    }

    @Test
    void droppedMessagesCountAsSentToSubscribersOfAStream() {
        fanout.begin(10);
        client();

        fanout.dropped(5, 15);
        loop.run();

        assertThat(fanout.sent()).isEqualTo(15);
    }

    @Test
    void framesBeforeTheFirstHeadAreNotSentAgain() {
        RecordingSubscriber client = client();
        fanout.begin(10);

        fanout.offer(frame("9", 9));
        fanout.offer(frame("10", 10));
        fanout.offer(frame("11", 11));
        loop.run();

        assertThat(client.text()).isEqualTo("11");
        assertThat(fanout.sent()).isEqualTo(11);
    }

    /** A client that joins with a later head must not take itself for up to date because of an earlier frame. */
    @Test
    void anEarlierFrameDoesNotLowerWhatCountsAsSent() {
        List<Long> sent = new ArrayList<>();
        fanout.add(new RecordingSubscriber() {
            @Override
            public void take(SharedBatch batch) {
                sent.add(fanout.sent());
            }
        });
        fanout.offer(frame("9", 9));

        fanout.begin(10);
        loop.run();

        assertThat(sent).containsExactly(10L);
    }

    private EventLoopFanout fanout(Map<String, String> keys) {
        return new EventLoopFanout(loop.loop(), Settings.of(EventsConfig.class, keys), beforeRound);
    }

    private List<RecordingSubscriber> clients(int count) {
        return Stream.generate(this::client).limit(count).toList();
    }

    private RecordingSubscriber client() {
        RecordingSubscriber client = new RecordingSubscriber();
        fanout.add(client);
        return client;
    }

    private void offer(String... texts) {
        for (String text : texts) {
            fanout.offer(frame(text, 0));
        }
    }

    private static Frame frame(String text, long sequence) {
        return new Frame(text.getBytes(StandardCharsets.UTF_8), sequence);
    }
}
