package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.flow.BufferBounds;
import dev.sluice.flow.HotMulti;
import dev.sluice.flow.Overflow;
import dev.sluice.nats.InboundMessage;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.support.Settings;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Subscribers of the same subjects share one subscription until it ends. */
class CoreFeedsTest {
    private static final SubjectSet SUBJECTS = SubjectSet.of(List.of(new SubjectPattern("a.>")));
    private static final Projection ALL = new Projection(EventFormat.RAW, MessageFilter.NONE);

    private final List<MultiEmitter<? super InboundMessage>> opened = new ArrayList<>();
    private boolean refuse;
    private int requested;
    private final EventsConfig config = Settings.of(EventsConfig.class, Map.of());
    private final ScriptedLoop loop = new ScriptedLoop();
    private final CoreFeeds feeds = feeds((subjects, group, hub) -> refuse
            ? Multi.createFrom().failure(new IllegalStateException("on purpose"))
            : Multi.createFrom().emitter(opened::add));

    @Test
    void isOpenedOnceAndClosedWithTheLastSubscriber() {
        SharedFeeds.Lease<CoreFeed> first = lease();
        SharedFeeds.Lease<CoreFeed> second = lease();
        assertThat(feeds.open()).isEqualTo(1);

        first.release().run();
        assertThat(feeds.open()).isEqualTo(1);
        second.release().run();

        assertThat(feeds.open()).isZero();
        assertThat(opened).singleElement().satisfies(emitter -> assertThat(emitter.isCancelled())
                .isTrue());
    }

    @Test
    void aFailedFeedEndsForItsSubscribersAndIsOpenedAgainForTheNext() {
        SharedFeeds.Lease<CoreFeed> first = lease();
        RecordingSubscriber client = join(first);

        opened.get(0).fail(new IllegalStateException("on purpose"));
        loop.run();
        RecordingSubscriber next = join(lease());
        first.release().run();
        opened.get(1).emit(message("b"));
        loop.run();

        assertThat(client.text()).isEqualTo("denied LIFETIME");
        assertThat(next.text()).isEqualTo("data: b\n\n");
        assertThat(feeds.open()).isEqualTo(1);
    }

    @Test
    void aFeedThatCannotBeOpenedEndsForEverySubscriber() {
        refuse = true;
        RecordingSubscriber client = join(lease());
        loop.run();
        assertThat(client.text()).isEqualTo("denied LIFETIME");

        refuse = false;
        RecordingSubscriber next = join(lease());
        opened.get(0).emit(message("a"));
        loop.run();

        assertThat(next.text()).isEqualTo("data: a\n\n");
    }

    /** A member of a queue group has taken them away from the other members. */
    @Test
    void messagesWaitUntilTheMemberOfAQueueGroupHasJoined() {
        SharedFeeds.Lease<CoreFeed> member = feeds.lease(SUBJECTS, Optional.of("workers"));
        opened.get(0).emit(message("a"));

        RecordingSubscriber client = join(member);
        loop.run();

        assertThat(client.text()).isEqualTo("data: a\n\n");
    }

    @Test
    void messagesDroppedBeforeTheFirstSubscriberJoinsAreReportedToIt() {
        List<HotMulti.Sink<InboundMessage>> sinks = new ArrayList<>();
        CoreFeeds small = feeds((subjects, group, hub) -> HotMulti.of(
                new BufferBounds<>(2, 1_000, Overflow.DROP_OLDEST, InboundMessage::size, hub::dropped), sink -> {
                    sinks.add(sink);
                    return () -> {};
                }));
        SharedFeeds.Lease<CoreFeed> shared = small.lease(SUBJECTS, Optional.empty());
        for (String text : List.of("1", "2", "3", "4", "5")) {
            sinks.get(0).offer(message(text));
        }

        RecordingSubscriber client = join(shared);
        loop.run();

        assertThat(client.text()).isEqualTo("dropped 3|data: 4\n\ndata: 5\n\n");
    }

    @Test
    void messagesAreRequestedOnceAndOnTheGivenExecutor() {
        SharedFeeds.Lease<CoreFeed> shared = lease();
        assertThat(requested).isZero();

        join(shared);
        join(shared);

        assertThat(requested).isEqualTo(1);
    }

    private CoreFeeds feeds(CoreFeeds.Source source) {
        return new CoreFeeds(source, config, new FilterWorkers(Runnable::run, 1_000), work -> {
            requested++;
            work.run();
        });
    }

    private SharedFeeds.Lease<CoreFeed> lease() {
        return feeds.lease(SUBJECTS, Optional.empty());
    }

    private RecordingSubscriber join(SharedFeeds.Lease<CoreFeed> lease) {
        RecordingSubscriber client = new RecordingSubscriber();
        lease.feed().hub().join(client, ALL, loop.loop(), () -> 0);
        lease.feed().request();
        return client;
    }

    private static InboundMessage message(String text) {
        return new InboundMessage("a.b", null, Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }
}
