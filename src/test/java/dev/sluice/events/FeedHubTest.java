package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.sluice.nats.InboundMessage;
import dev.sluice.support.Settings;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the subscribers of one feed receive, and the isolation of projections from each other. */
class FeedHubTest {
    private static final Projection ALL = new Projection(EventFormat.RAW, MessageFilter.NONE);

    private final ScriptedLoop loop = new ScriptedLoop();
    private final Queue<Runnable> workers = new ArrayDeque<>();
    private final FeedHub hub =
            new FeedHub(Settings.of(EventsConfig.class, Map.of()), new FilterWorkers(workers::add, 1_000), () -> {});

    @Test
    void sendsEachProjectionItsOwnMessages() {
        RecordingSubscriber all = join(ALL);
        RecordingSubscriber some = join(matching("b"));

        publish("a", "b");
        settle();

        assertThat(all.text()).isEqualTo("data: a\n\ndata: b\n\n");
        assertThat(some.text()).isEqualTo("data: b\n\n");
    }

    @Test
    void aClientWithoutAFilterDoesNotWaitForClientsWithFilters() {
        RecordingSubscriber all = join(ALL);
        IntStream.range(0, 500).forEach(i -> join(matching("x" + i)));

        publish("a");
        loop.run();

        assertThat(all.text()).isEqualTo("data: a\n\n");
        assertThat(workers).hasSize(500);
    }

    @Test
    void equalFiltersAreEvaluatedOnce() {
        List<RecordingSubscriber> same =
                IntStream.range(0, 10).mapToObj(i -> join(matching("a"))).toList();

        publish("a");
        assertThat(workers).hasSize(1);
        settle();

        assertThat(same).allSatisfy(client -> assertThat(client.text()).isEqualTo("data: a\n\n"));
    }

    @Test
    void aSlowFilterIsReportedAndTheOthersMissNothing() {
        RecordingSubscriber all = join(ALL);
        RecordingSubscriber slow = join(matching("1"));

        IntStream.range(0, 3_000).forEach(i -> publish(Integer.toString(i % 10)));
        settle();

        assertThat(String.join("", all.got)).hasSize(3_000 * "data: 1\n\n".length());
        assertThat(slow.got.get(slow.got.size() - 1)).startsWith("dropped ");
    }

    @Test
    void aSubscriberThatLeftReceivesAndEvaluatesNothing() {
        Projection projection = matching("a");
        RecordingSubscriber gone = join(projection);
        publish("a");

        hub.leave(gone, projection, loop.loop());
        settle();
        publish("a");
        settle();

        assertThat(gone.got).isEmpty();
        assertThat(workers).isEmpty();
    }

    @Test
    void aSubscriberThatJoinsAfterTheLastLeftReceivesNewMessages() {
        RecordingSubscriber first = join(ALL);
        hub.leave(first, ALL, loop.loop());
        publish("a");
        RecordingSubscriber second = join(ALL);

        publish("b");
        settle();

        assertThat(second.text()).isEqualTo("data: b\n\n");
    }

    @Test
    void droppedMessagesAreReportedInTheOrderOfTheMessages() {
        RecordingSubscriber all = join(ALL);
        RecordingSubscriber some = join(matching("[ab]"));

        publish("a");
        hub.dropped();
        hub.dropped();
        settle();
        publish("b");
        settle();

        assertThat(all.text()).isEqualTo("data: a\n\n|dropped 2|data: b\n\n");
        assertThat(some.text()).isEqualTo("data: a\n\n|dropped 2|data: b\n\n");
    }

    @Test
    void aNewSubscriberReceivesTheStatusAndTheEndOfTheFeed() {
        hub.active();
        hub.ended();

        RecordingSubscriber late = join(ALL);
        loop.run();

        assertThat(late.text()).isEqualTo("status|ended");
    }

    @Test
    void allOtherClientsReceiveTheStatusIfOneThrows() {
        hub.join(
                new RecordingSubscriber() {
                    @Override
                    public void status(byte[] frame) {
                        throw new AssertionError("on purpose");
                    }
                },
                ALL,
                loop.loop(),
                () -> 0);
        RecordingSubscriber other = join(ALL);

        hub.interrupted();
        loop.run();

        assertThat(other.text()).isEqualTo("status");
    }

    @Test
    void aFilterThatLagsBehindTheHeadSendsNothingTwice() {
        Projection projection = matching("[0-9]");
        RecordingSubscriber early = join(projection);
        publishStored(1, 2, 3);
        ScriptedLoop otherLoop = new ScriptedLoop();
        RecordingSubscriber late = new RecordingSubscriber();
        hub.join(late, projection, otherLoop.loop(), () -> 3);

        publishStored(4);
        settle();
        otherLoop.run();

        assertThat(early.text()).contains("data: 1", "data: 2", "data: 3", "data: 4");
        assertThat(late.text()).contains("data: 4").doesNotContain("data: 1", "data: 2", "data: 3");
    }

    @Test
    void aFilterThatIsBehindIsNotAdvancedBeyondItsMessages() {
        RecordingSubscriber all = join(ALL);
        RecordingSubscriber some = join(matching("[0-9]"));
        publishStored(1);

        hub.reached(new EventId("epoch", 9, 0));
        settle();

        assertThat(all.text()).contains("data: 1").contains("epoch-9");
        assertThat(some.text()).contains("data: 1").doesNotContain("epoch-9");
    }

    @Test
    void clientsAreAdvancedWithoutMessages() {
        RecordingSubscriber some = join(matching("[0-9]"));
        publishStored(1);
        settle();

        hub.reached(new EventId("epoch", 9, 0));
        settle();

        assertThat(some.got).last().isEqualTo("id: epoch-9\n\n");
    }

    @Test
    void aCallerThatGivesUpDoesNotCancelTheBeginForTheOthers() {
        Uni.createFrom()
                .completionStage(hub.begun())
                .subscribe()
                .with(begun -> {})
                .cancel();
        UniAssertSubscriber<Void> other =
                Uni.createFrom().completionStage(hub.begun()).subscribe().withSubscriber(UniAssertSubscriber.create());

        hub.active();

        other.assertCompleted();
    }

    private RecordingSubscriber join(Projection projection) {
        RecordingSubscriber client = new RecordingSubscriber();
        hub.join(client, projection, loop.loop(), () -> 0);
        return client;
    }

    private void publish(String... texts) {
        for (String text : texts) {
            hub.publish(message(text), Instant.EPOCH, null);
        }
    }

    private void publishStored(int... sequences) {
        for (int sequence : sequences) {
            hub.publish(message(Integer.toString(sequence)), Instant.EPOCH, new EventId("epoch", sequence, 0));
        }
    }

    private static InboundMessage message(String text) {
        return new InboundMessage("a.b", null, Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    private void settle() {
        while (!workers.isEmpty()) {
            workers.remove().run();
        }
        loop.run();
    }

    private static Projection matching(String expression) {
        return new Projection(
                EventFormat.RAW,
                new MessageFilter(List.of(), List.of(Pattern.compile(expression)), List.of(), List.of()));
    }
}
