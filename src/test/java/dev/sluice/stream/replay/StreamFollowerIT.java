package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.SubscriptionObserver;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A reader of the end of a stream, which removes messages before the reader has requested them. */
class StreamFollowerIT {

    private final ReplayServer server = new ReplayServer();
    private final TestStreams streams = server.streams();
    private final AssertSubscriber<StreamMessage> reader = AssertSubscriber.create(1);
    private final Replay replay = TestReplay.through(server.links());

    @AfterEach
    void close() {
        reader.cancel();
        server.close();
    }

    @Test
    void failsIfTheMessagesAfterTheLastOneWereRemoved() {
        follow("logs.>");

        streams.purge("LOGS", 4);
        reader.request(10);

        reader.awaitFailure(Timeouts.LIMIT).assertFailedWith(FellBehindException.class);
        assertThat(sequences()).containsExactly(1L);
    }

    @Test
    void goesOnAfterADeletedMessage() throws Exception {
        follow("logs.>");

        delete(3);
        reader.request(10);

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(sequences()).containsExactly(1L, 2L, 4L, 5L));
        streams.store("logs.a", 5, 8);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(sequences()).endsWith(6L, 7L, 8L));
        reader.assertNotTerminated();
    }

    @Test
    void doesNotTakeTheMessagesOfOtherSubjectsForRemovedOnes() {
        follow("logs.a");
        streams.store("logs.b", 0, 5);
        streams.purge("LOGS", 8);
        streams.store("logs.a", "last");

        reader.request(10);

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(sequences()).containsExactly(1L, 11L));
        reader.assertNotTerminated();
    }

    /** Follows the stream, stores five messages and waits for the first one. */
    private void follow(String subject) {
        StreamState now = replay.state("LOGS").await().atMost(Timeouts.LIMIT);
        Selection selection = new Selection("LOGS", now.epoch(), SubjectSet.of(List.of(new SubjectPattern(subject))));
        replay.follow(selection, 0, 0, SubscriptionObserver.NONE).subscribe().withSubscriber(reader);
        streams.store("logs.a", 0, 5);
        reader.awaitItems(1, Timeouts.LIMIT);
    }

    private void delete(long sequence) throws Exception {
        try (Connection connection = Nats.connect(server.nats().url())) {
            connection.jetStreamManagement().deleteMessage("LOGS", sequence);
        }
    }

    private List<Long> sequences() {
        return reader.getItems().stream().map(StreamMessage::sequence).toList();
    }
}
