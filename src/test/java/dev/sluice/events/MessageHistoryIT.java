package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.StreamMessage;
import dev.sluice.stream.replay.TestReplay;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MessageHistoryIT {
    private static final int PAGE = 10;
    private static final int STORED = 300;

    private final NatsServer server = NatsServer.started();
    private final TestStreams streams = new TestStreams(server);
    private final NatsLinks links = TestLinks.to(server);
    private final AtomicInteger seen = new AtomicInteger();
    private MessageHistory history;

    @BeforeEach
    void store() {
        streams.create("LOGS", "logs.>");
        for (int i = 0; i < STORED; i++) {
            streams.storeSoon("logs.a", i == 0 ? "rare" : "x");
        }
        streams.store("logs.a", "the end");
        await().atMost(Timeouts.LIMIT)
                .until(() -> links.consuming().up() && links.publishing().up());
        EventsConfig config =
                Settings.of(EventsConfig.class, Map.of("sluice.events.page-messages", Integer.toString(PAGE)));
        history = new MessageHistory(config, TestReplay.through(links), new FilterWorkers(config));
    }

    @AfterEach
    void close() {
        links.close();
        streams.close();
        server.close();
    }

    /** There may be millions of messages after the last one that was asked for. */
    @Test
    void readsNothingAfterTheLimitIsReached() {
        MessageFilter rare = MessageFilter.of(message -> {
            seen.incrementAndGet();
            return message.data().length == "rare".length();
        });

        List<List<StreamMessage>> batches = history.all(query(rare), OptionalLong.of(1))
                .collect()
                .asList()
                .await()
                .atMost(Timeouts.LIMIT);

        assertThat(batches).hasSize(1);
        assertThat(seen).hasValueLessThanOrEqualTo(2 * PAGE);
    }

    /** The server does not select overlapping patterns, so it sends messages that nobody wants. */
    @Test
    void readsWholePagesOfAStreamThatCannotSelectTheSubjects() throws Exception {
        streams.store("logs.x.b", "wanted");
        AtomicInteger requests = new AtomicInteger();
        try (Connection spy = Nats.connect(server.url())) {
            spy.createDispatcher(request -> requests.incrementAndGet()).subscribe("$JS.API.>");
            spy.flush(Timeouts.LIMIT);

            MessageHistory.HistoryPage page =
                    history.page(query("logs.x.*", "logs.*.b"), 1).await().atMost(Timeouts.LIMIT);

            assertThat(page.messages()).hasSize(1);
            spy.flush(Timeouts.LIMIT);
        }
        assertThat(requests).hasValueLessThan(STORED);
    }

    @Test
    void endsAPageOfAStreamThatCannotSelectTheSubjectsAfterSomeMessages() {
        for (int i = 0; i < 10_000; i++) {
            streams.storeSoon("logs.a", "x");
        }
        streams.store("logs.x.b", "wanted");

        MessageHistory.HistoryPage page =
                history.page(query("logs.x.*", "logs.*.b"), 1).await().atMost(Timeouts.LIMIT);

        assertThat(page.messages()).isEmpty();
        assertThat(page.next()).hasValue(10_001);
    }

    private static MessageHistory.Query query(MessageFilter filter) {
        return query(filter, "logs.>");
    }

    private static MessageHistory.Query query(String... patterns) {
        return query(MessageFilter.NONE, patterns);
    }

    private static MessageHistory.Query query(MessageFilter filter, String... patterns) {
        SubjectSet subjects =
                SubjectSet.of(Stream.of(patterns).map(SubjectPattern::new).toList());
        return new MessageHistory.Query("LOGS", subjects, filter, ReplayStart.Edge.ALL, false);
    }
}
