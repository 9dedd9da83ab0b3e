package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.RawClient;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads pages with direct get instead of a consumer. Tests when it is used and that the pages are the same. */
class DirectGetPagesIT {
    private static final PageSize SIZE = new PageSize(16, 4_096);
    private static final String FENCE = "fence";

    private final NatsServer nats = NatsServer.started();
    private final TestStreams streams = new TestStreams(nats);
    private final NatsLinks links = TestLinks.to(nats);
    private Connection connection;
    private Replay replay;

    @BeforeEach
    void connect() throws Exception {
        streams.create("LOGS", "logs.>");
        connection = Nats.connect(nats.url());
        replay = TestReplay.through(links);
        await().atMost(Timeouts.LIMIT)
                .until(() -> links.consuming().up() && links.publishing().up());
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        links.close();
        streams.close();
        nats.close();
    }

    @Test
    void needsNoConsumer() throws Exception {
        streams.store("logs.a", 0, 100);
        assumeTrue(knowsBatches(), "the server answers a batch with one message that does not say how many are left");

        List<String> asked = asked(() -> assertThat(all("logs.>")).hasSize(100));

        assertThat(asked).anyMatch(subject -> subject.contains(".DIRECT.GET.LOGS"));
        assertThat(asked).noneMatch(subject -> subject.contains(".CONSUMER."));
    }

    @Test
    void asksAServerWithoutBatchesOnlyOnce() throws Exception {
        streams.store("logs.a", 0, 100);
        assumeTrue(!knowsBatches(), "the server knows batches");

        List<String> asked = asked(() -> assertThat(all("logs.>")).hasSize(100));

        assertThat(asked.stream().filter(subject -> subject.contains(".DIRECT.GET.")))
                .hasSize(1);
    }

    @Test
    void doesNotAskAStreamThatDoesNotAllowIt() throws Exception {
        streams.store("logs.a", 0, 100);
        allowDirect(false);

        List<String> asked = asked(() -> assertThat(all("logs.>")).hasSize(100));

        assertThat(asked).noneMatch(subject -> subject.contains(".DIRECT.GET."));
    }

    @Test
    void servesSeveralSubjectsByAConsumer() throws Exception {
        streams.store("logs.a", 0, 20);
        streams.store("logs.b", 0, 20);
        streams.store("logs.c", 0, 20);

        List<String> asked = asked(() -> assertThat(all("logs.a", "logs.c")).hasSize(40));

        assertThat(asked).noneMatch(subject -> subject.contains(".DIRECT.GET."));
    }

    @Test
    void readsTheSameMessagesAsAConsumer() throws Exception {
        storeAllSorts();

        for (String filter : List.of("logs.>", "logs.*.b", "logs.a.b", "logs.none")) {
            allowDirect(true);
            List<StreamMessage> direct = all(filter);
            allowDirect(false);
            replay = TestReplay.through(links);
            assertThat(direct).usingRecursiveFieldByFieldElementComparator().containsExactlyElementsOf(all(filter));
            replay = TestReplay.through(links);
        }
    }

    @Test
    void endsAPageWithTheMessageThatExceedsItsBytes() {
        for (int i = 0; i < 6; i++) {
            streams.store("logs.a", "x".repeat(3_000));
        }

        Page page = page(selection("logs.>"), 0, 6);

        assertThat(page.messages()).extracting(StreamMessage::sequence).containsExactly(1L, 2L);
        assertThat(page.position()).isEqualTo(2);
    }

    @Test
    void endsAPageWithItsLastMessage() {
        streams.store("logs.a", 0, 40);

        Page page = page(selection("logs.>"), 10, 40);

        assertThat(page.messages()).hasSize(16);
        assertThat(page.position()).isEqualTo(26);
    }

    @Test
    void reportsRemovedMessages() {
        streams.store("logs.a", 0, 10);
        streams.purge("LOGS", 6);

        assertThat(page(selection("logs.>"), 2, 10).gap()).contains(new Gap(3, 5));
        streams.purge("LOGS", 11);
        Page rest = page(selection("logs.>"), 2, 10);
        assertThat(rest.gap()).contains(new Gap(3, 10));
        assertThat(rest.messages()).isEmpty();
        assertThat(rest.position()).isEqualTo(10);
    }

    @Test
    void reachesTheEndWithoutMoreMatchingMessages() {
        streams.store("logs.a", 0, 3);
        streams.store("logs.b", 0, 7);

        assertThat(all("logs.a")).hasSize(3);
    }

    @Test
    void endsWhenTheStreamIsRecreated() {
        streams.store("logs.a", 0, 20);
        Selection selection = selection("logs.>");
        page(selection, 0, 20);

        streams.create("LOGS", "logs.>");
        streams.store("logs.a", 0, 20);

        assertThat(replay.page(selection, 16, 20, SIZE)
                        .onFailure(StreamRecreatedException.class)
                        .recoverWithNull()
                        .await()
                        .atMost(Timeouts.LIMIT))
                .isNull();
    }

    @Test
    void readsMessagesAfterUnterminatedHeaders() {
        streams.store("logs.a", "before");
        try (RawClient poisoner = new RawClient(nats)) {
            poisoner.publishBlock("logs.a", "NATS/1.0\r\nA: b\r\n", "cut");
            poisoner.publishBlock("logs.a", "NATS/1.0\r\nName: caf\u00e9\r\n\r\n", "accent");
            poisoner.publishBlock("logs.a", "NATS/1.0 204 EOB\r\n\r\n", "status");
            poisoner.flush();
        }
        await().atMost(Timeouts.LIMIT).until(() -> streams.last("LOGS") == 4);
        streams.store("logs.a", "after");

        assertThat(all("logs.>"))
                .extracting(message -> new String(message.message().data(), StandardCharsets.UTF_8))
                .containsExactly("before", "cut", "accent", "status", "after");
    }

    private void storeAllSorts() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] data = new byte[random.nextInt(600)];
            random.nextBytes(data);
            Headers headers = new Headers();
            if (i % 2 == 0) {
                headers.add("Kind", "one", "two");
            }
            if (i % 3 == 0) {
                headers.add("Nats-Sequence", "77").add("Nats-Subject", "other").add("Nats-Num-Pending", "0");
            }
            String subject = List.of("logs.a.b", "logs.c.b", "logs.c").get(random.nextInt(3));
            connection.jetStream().publish(subject, headers, data);
        }
        for (long sequence = 1; sequence <= 200; sequence += 1 + random.nextInt(9)) {
            connection.jetStreamManagement().deleteMessage("LOGS", sequence);
        }
    }

    private List<StreamMessage> all(String... subjects) {
        Selection selection = selection(subjects);
        long last = streams.last("LOGS");
        List<StreamMessage> all = new ArrayList<>();
        long position = 0;
        while (position < last) {
            Page page = page(selection, position, last);
            assertThat(page.position()).isGreaterThan(position);
            all.addAll(page.messages());
            position = page.position();
        }
        return all;
    }

    private Page page(Selection selection, long position, long known) {
        return replay.page(selection, position, known, SIZE).await().atMost(Timeouts.LIMIT);
    }

    private Selection selection(String... subjects) {
        SubjectSet set = SubjectSet.of(
                List.of(subjects).stream().map(SubjectPattern::new).toList());
        StreamState now = replay.covering(set).await().atMost(Timeouts.LIMIT).orElseThrow();
        return new Selection(now.name(), now.epoch(), set);
    }

    private void allowDirect(boolean allowed) throws Exception {
        StreamConfiguration now =
                connection.jetStreamManagement().getStreamInfo("LOGS").getConfiguration();
        connection
                .jetStreamManagement()
                .updateStream(
                        StreamConfiguration.builder(now).allowDirect(allowed).build());
    }

    private boolean knowsBatches() throws Exception {
        byte[] request = "{\"seq\":1,\"next_by_subj\":\">\",\"batch\":1}".getBytes(StandardCharsets.US_ASCII);
        return connection
                .request("$JS.API.DIRECT.GET.LOGS", request, Timeouts.LIMIT)
                .getHeaders()
                .containsKey("Nats-Num-Pending");
    }

    /** Returns the JetStream requests that {@code reading} causes. */
    private List<String> asked(Runnable reading) {
        try (NatsSpy spy = new NatsSpy(nats)) {
            reading.run();
            connection.publish(FENCE, new byte[0]);
            return spy.heardUntil(FENCE).stream()
                    .filter(heard -> heard.startsWith("$JS.API."))
                    .toList();
        }
    }
}
