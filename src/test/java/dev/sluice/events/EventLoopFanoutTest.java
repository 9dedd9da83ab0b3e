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
    private Runnable whenTaken = () -> {};
    private EventLoopFanout fanout = fanout(Map.of());

    @Test
    void sendsCollectedFramesToAllSubscribersAsOneBatch() {
        List<RecordingReceiver> clients = clients(10);

        offer("a", "b", "c");
        loop.run();

        assertThat(clients).allSatisfy(client -> assertThat(client.got).containsExactly("abc"));
    }

    @Test
    void onlyASubscriberThatThrowsLosesTheBatch() {
        RecordingReceiver before = client();
        RecordingReceiver broken = new RecordingReceiver() {
            @Override
            public void take(SharedBatch batch) {
                throw new AssertionError("on purpose");
            }
        };
        fanout.add(broken);
        RecordingReceiver after = client();

        offer("a", "b");
        loop.run();
        offer("c");
        loop.run();

        assertThat(before.text()).isEqualTo("ab|c");
        assertThat(after.text()).isEqualTo("ab|c");
        assertThat(broken.text()).isEqualTo("lost 2|lost 1");
    }

    @Test
    void theOthersReceiveTheNextBatchIfASubscriberAlwaysThrows() {
        fanout.add(new RecordingReceiver() {
            @Override
            public void take(SharedBatch batch) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void lose(long events) {
                throw new IllegalStateException("on purpose");
            }
        });
        RecordingReceiver other = client();

        offer("a");
        loop.run();
        fanout.lose(1, 0);
        loop.run();
        offer("b");
        loop.run();

        assertThat(other.text()).isEqualTo("a|lost 1|b");
    }

    @Test
    void aFailedRequestForMoreDoesNotLoseABatch() {
        whenTaken = () -> {
            throw new AssertionError("on purpose");
        };
        fanout = fanout(Map.of());
        RecordingReceiver client = client();

        offer("a");
        loop.run();
        offer("b");
        loop.run();

        assertThat(client.text()).isEqualTo("a|b");
    }

    @Test
    void releasesTheMemoryOfABatchWithoutSubscribers() {
        List<SharedBatch> batches = new ArrayList<>();
        fanout.add(new RecordingReceiver() {
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
        List<RecordingReceiver> clients = clients(40);
        offer("a");
        loop.turn();
        List<RecordingReceiver> leaving = clients.stream()
                .filter(client -> clients.indexOf(client) % 3 == 0)
                .toList();

        leaving.forEach(fanout::remove);
        loop.run();

        assertThat(clients).filteredOn(client -> !leaving.contains(client)).allSatisfy(client -> assertThat(client.got)
                .containsExactly("a"));
    }

    @Test
    void thousandsLeaveWithinABatch() {
        List<RecordingReceiver> clients = clients(20_000);
        offer("a");
        loop.turn();

        clients.forEach(fanout::remove);
        loop.run();
        RecordingReceiver next = client();
        offer("b");
        loop.run();

        assertThat(next.text()).isEqualTo("b");
        assertThat(clients.get(19_999).got).isEmpty();
    }

    @Test
    void yieldsTheEventLoopAfterAFewWrites() {
        List<RecordingReceiver> clients = clients(100);

        offer("a", "b");
        loop.turn();

        assertThat(clients.stream().filter(client -> !client.got.isEmpty())).hasSizeLessThan(10);
    }

    @Test
    void yieldsTheEventLoopLaterIfABatchHasOneFrame() {
        List<RecordingReceiver> clients = clients(100);

        offer("a");
        loop.turn();

        assertThat(clients.stream().filter(client -> !client.got.isEmpty())).hasSize(32);
    }

    @Test
    void schedulesNothingAfterTheLastSlice() {
        RecordingReceiver client = client();

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
        RecordingReceiver client = new RecordingReceiver() {
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
        RecordingReceiver reader = client();

        offer("a");
        loop.turn();

        assertThat(reader.text()).isEqualTo("a");
    }

    @Test
    void framesThatDoNotFitIntoTheLoopBufferAreLostForAll() {
        EventLoopFanout small = fanout(Map.of("sluice.events.loop-buffer", "3"));
        RecordingReceiver client = new RecordingReceiver();
        small.add(client);

        Stream.of("ab", "c", "d", "e").forEach(text -> small.offer(frame(text, 0)));
        loop.run();
        small.offer(frame("f", 0));
        loop.run();

        assertThat(client.text()).isEqualTo("abc|lost 2|f");
    }

    @Test
    void reportsALossAfterTheFramesBeforeIt() {
        RecordingReceiver client = client();

        offer("a");
        fanout.lose(3, 0);
        loop.run();
        offer("b");
        loop.run();

        assertThat(client.text()).isEqualTo("a|lost 3|b");
    }

    @Test
    void aLossCountsAsSentToSubscribersOfAStream() {
        fanout.begin(10);
        client();

        fanout.lose(5, 15);
        loop.run();

        assertThat(fanout.sent()).isEqualTo(15);
    }

    @Test
    void framesBeforeTheFirstHeadAreNotSentAgain() {
        RecordingReceiver client = client();
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
        fanout.add(new RecordingReceiver() {
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
        return new EventLoopFanout(loop.loop(), Settings.of(EventsConfig.class, keys), whenTaken);
    }

    private List<RecordingReceiver> clients(int count) {
        return Stream.generate(this::client).limit(count).toList();
    }

    private RecordingReceiver client() {
        RecordingReceiver client = new RecordingReceiver();
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
