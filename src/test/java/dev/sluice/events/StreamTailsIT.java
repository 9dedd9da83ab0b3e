package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ConsumerLimits;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tails of a stream: start positions, resume, and reports of gaps. */
class StreamTailsIT {
    private static NatsServer nats;

    private TestStreams streams;
    private TailsServer server;
    private final List<SseClient> clients = new ArrayList<>();

    @BeforeAll
    static void startNats() {
        nats = NatsServer.started();
    }

    @AfterAll
    static void stopNats() {
        nats.close();
    }

    @BeforeEach
    void serve() {
        streams = new TestStreams(nats);
        streams.create("LOGS", "logs.>");
        server = new TailsServer(nats, Map.of());
    }

    @AfterEach
    void close() {
        clients.forEach(SseClient::close);
        await().atMost(Timeouts.LIMIT).until(() -> server.tails.count() == 0 && server.tails.cursors() == 0);
        server.close();
        streams.close();
    }

    @Test
    void namesTheStreamThatServesIt() {
        open("?subject=logs.>").untilConnected();

        assertThat(open("?subject=logs.a.*").exchange().header("Sluice-Source")).isEqualTo("stream; name=LOGS");
        assertThat(open("?subject=logs.a&subject=other").exchange().header("Sluice-Source"))
                .isEqualTo("core");
        assertThat(open("?subject=logs.a&core").exchange().header("Sluice-Source"))
                .isEqualTo("core");
    }

    @Test
    void everyMessageHasAnIdAndItsSequence() {
        SseClient client = open("?subject=logs.>").untilConnected();

        streams.store("logs.a", 0, 3);

        List<Frame> messages = client.messages(3);
        assertThat(messages).extracting(StreamTailsIT::sequence).containsExactly(1L, 2L, 3L);
        assertThat(messages).extracting(StreamTailsIT::epoch).containsOnly(epoch(messages.get(0)));
        assertThat(messages.get(2).data()).contains("\"seq\":3");
    }

    /** Every publisher can write a status line, and as many headers as the server accepts. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&start=all", "&start=last-per-subject", "&start=tail:9"})
    void continuesAfterForgedStatusesAndManyHeaders(String start) {
        if (!start.isEmpty()) {
            storeOddities();
            streams.store("logs.z", "after");
        }
        SseClient client = open("?subject=logs.>" + start).within(Duration.ofSeconds(30));
        if (start.isEmpty()) {
            client.untilConnected();
            storeOddities();
            streams.store("logs.z", "after");
        }

        client.until(frame -> frame.data().contains("\"after\""));
    }

    private void storeOddities() {
        try (RawClient publisher = new RawClient(nats)) {
            for (String line : List.of("100 Idle Heartbeat", "204 EOB", "404", "409 Consumer Deleted", "503")) {
                publisher.publishBlock("logs.a", "NATS/1.0 " + line + "\r\n\r\n", "payload");
            }
            publisher.publish("logs.b", "X-Large: " + "x".repeat(60 * 1024) + "\r\n", "large");
            publisher.flush();
        }
    }

    @Test
    void hasAnIdBeforeTheFirstMessage() {
        streams.store("logs.a", 0, 5);

        List<Frame> read = open("?subject=logs.>")
                .until(frame -> frame.field("id").findAny().isPresent());

        Frame first = read.get(read.size() - 1);
        assertThat(sequence(first)).isEqualTo(5);
        assertThat(first.type()).isEmpty();
    }

    /** A feed that is followed already reports its status at once. */
    @Test
    void hasAnIdBeforeTheStatus() {
        streams.store("logs.a", 0, 5);
        open("?subject=logs.>").untilConnected();

        List<Frame> read = open("?subject=logs.>").until(frame -> frame.type().equals("status"));

        assertThat(read).anySatisfy(frame -> assertThat(frame.field("id")).isNotEmpty());
    }

    @Test
    void reportsWhatALimitRemovesBeforeALiveClientGetsIt() {
        streams.create(StreamConfiguration.builder()
                .name("FEW")
                .subjects("few.>")
                .storageType(StorageType.Memory)
                .maxMessages(50)
                .build());
        SseClient client = open("?subject=few.>&raw").untilConnected();

        for (int i = 0; i < 20_000; i++) {
            streams.storeSoon("few.a", "text");
        }
        streams.store("few.a", "end");
        List<Frame> read = client.until(frame -> frame.data().equals("end"));

        BitSet known = new BitSet();
        read.stream()
                .filter(frame -> frame.type().equals("message"))
                .forEach(frame -> known.set((int) sequence(frame)));
        read.stream().filter(frame -> frame.type().equals("gap")).forEach(gap -> {
            JsonObject range = new JsonObject(gap.data());
            known.set(range.getInteger("from"), range.getInteger("to") + 1);
        });
        assertThat(known.nextClearBit(1)).isEqualTo((int) streams.last("FEW") + 1);
        assertThat(read).extracting(Frame::type).contains("gap");
        streams.delete("FEW");
    }

    @Test
    void continuesAfterTheLastId() {
        SseClient first = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", 0, 3);
        String id = id(first.messages(2).get(1));
        first.close();
        streams.store("logs.a", 3, 10);

        SseClient second = open("?subject=logs.>&raw&start=" + id);

        assertThat(second.messages(8)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(2, 10));
    }

    @Test
    void beginsWithAllStoredMessages() {
        streams.store("logs.a", 0, 2_000);

        SseClient client = open("?subject=logs.>&raw&start=all");
        streams.store("logs.a", 2_000, 2_010);

        assertThat(client.messages(2_010))
                .extracting(Frame::data)
                .containsExactlyElementsOf(TestStreams.numbers(0, 2_010));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 40, 100, 200})
    void beginsWithTheLastMessagesOfItsSubjects(int count) {
        streams.store("logs.wanted", 0, 50);
        streams.store("logs.other", 0, 700);
        streams.store("logs.wanted", 50, 100);
        streams.store("logs.other", 0, 300);

        SseClient client = open("?subject=logs.wanted&raw&start=tail:" + count);
        untilPlaced(client);
        streams.store("logs.wanted", 100, 105);

        int first = Math.max(0, 100 - count);
        assertThat(client.messages(105 - first))
                .extracting(Frame::data)
                .containsExactlyElementsOf(TestStreams.numbers(first, 105));
    }

    @Test
    void beginsWithTheLastMessageOfEachSubject() {
        for (String subject : List.of("a", "b", "c", "b", "a", "d")) {
            streams.store("logs." + subject, subject + streams.last("LOGS"));
        }

        SseClient client = open("?subject=logs.>&raw&start=last-per-subject");

        assertThat(client.messages(4)).extracting(Frame::data).containsExactly("c2", "b3", "a4", "d5");
        streams.store("logs.c", "live");
        assertThat(client.await("message").data()).isEqualTo("live");
    }

    @Test
    void servesSeveralSubjectsInTheOrderOfTheStream() {
        SseClient client = open("?subject=logs.a.*&subject=logs.*.b&subject=logs.c&raw&start=all");

        for (int i = 0; i < 300; i++) {
            streams.store(
                    List.of("logs.c", "logs.a.b", "logs.a.x", "logs.not", "logs.x.b")
                            .get(i % 5),
                    "" + i);
        }

        assertThat(client.messages(240))
                .extracting(Frame::data)
                .containsExactlyElementsOf(IntStream.range(0, 300)
                        .filter(i -> i % 5 != 3)
                        .mapToObj(i -> "" + i)
                        .toList());
    }

    @Test
    void missesAndRepeatsNothingBetweenHistoryAndLiveMessages() {
        streams.store("logs.a", 0, 1_000);
        CompletableFuture<Void> storing = CompletableFuture.runAsync(() -> streams.store("logs.a", 1_000, 12_000));
        List<SseClient> joining = new ArrayList<>();
        while (!storing.isDone() && joining.size() < 12) {
            joining.add(open("?subject=logs.>&raw&start=" + (joining.size() % 2 == 0 ? "all" : "seq:500")));
            joining.get(joining.size() - 1).messages(100);
        }
        storing.join();

        for (int i = 0; i < joining.size(); i++) {
            int from = i % 2 == 0 ? 100 : 599;
            assertThat(joining.get(i).messages(12_000 - from))
                    .extracting(Frame::data)
                    .containsExactlyElementsOf(TestStreams.numbers(from, 12_000));
        }
        assertThat(server.tails.cursors()).isEqualTo(1);
    }

    @Test
    void tailsOfTheSameSubjectsShareOneConsumer() {
        List<SseClient> watching = IntStream.range(0, 30)
                .mapToObj(i -> open("?subject=logs.>&raw").untilConnected())
                .toList();

        streams.store("logs.a", "text");

        assertThat(watching)
                .allSatisfy(client -> assertThat(client.await("message").data()).isEqualTo("text"));
        assertThat(server.tails.cursors()).isEqualTo(1);
        assertThat(streams.consumers("LOGS")).isEqualTo(1);
    }

    @Test
    void deletesItsConsumers() {
        streams.store("logs.a", 0, 1_000);
        List<SseClient> reading = List.of(
                open("?subject=logs.>&raw&start=all"),
                open("?subject=logs.>&raw&start=tail:3"),
                open("?subject=logs.>&raw&start=last-per-subject"));
        reading.forEach(client -> client.messages(1));

        reading.forEach(SseClient::close);

        await().atMost(Timeouts.LIMIT).until(() -> streams.consumers("LOGS") == 0);
    }

    @Test
    void reportsRemovedMessagesAsAGap() {
        SseClient first = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", 0, 10);
        String id = id(first.messages(1).get(0));
        first.close();
        streams.purge("LOGS", 6);

        SseClient second = open("?subject=logs.>&raw&start=" + id);

        assertThat(second.await("gap").data()).isEqualTo("{\"from\":2,\"to\":5}");
        assertThat(second.messages(5)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(5, 10));
    }

    @Test
    void reportsThatTheStreamWasCreatedAgainAndContinues() {
        streams.store("logs.a", 0, 10);
        SseClient client = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", "old");
        String old = epoch(client.await("message"));

        streams.create("LOGS", "logs.>");
        streams.store("logs.a", "new");

        assertThat(client.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        Frame message = client.await("message");
        assertThat(message.data()).isEqualTo("new");
        assertThat(sequence(message)).isEqualTo(1);
        assertThat(epoch(message)).isNotEqualTo(old);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x-3", "zzzz-999"})
    void readsAStreamOfAnotherEpochFromItsBeginning(String id) {
        streams.store("logs.a", 0, 5);

        SseClient client = open("?subject=logs.>&raw&start=" + id);

        assertThat(client.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        assertThat(client.messages(5)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(0, 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"NATS/1.0\r\nName: caf\u00e9\r\n\r\n", "NATS/1.0\r\nBad Name: x\r\n\r\n", "NATS/1.0 503\r\n\r\n"
            })
    void deliversAMessageWithInvalidHeaders(String headers) {
        SseClient live = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", "before");
        assertThat(live.await("message").data()).isEqualTo("before");
        try (RawClient poisoner = new RawClient(nats)) {
            poisoner.publishBlock("logs.poison", headers, "poison");
            poisoner.flush();
        }
        await().atMost(Timeouts.LIMIT).until(() -> streams.last("LOGS") == 2);
        streams.store("logs.a", "after");

        assertThat(live.messages(2)).extracting(Frame::data).containsExactly("poison", "after");
        assertThat(open("?subject=logs.>&raw&start=all").messages(3))
                .extracting(Frame::data)
                .containsExactly("before", "poison", "after");
    }

    @Test
    void distinguishesAMessageFromALaterOneWithTheSameSequence() {
        SseClient first = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", 0, 5);
        EventId id = EventId.parse(id(first.messages(3).get(2)), "id");
        EventId earlier = new EventId(id.epoch(), id.sequence(), id.time() - 1);

        SseClient back = open("?subject=logs.>&raw&start=" + earlier);

        assertThat(back.await("gap").data()).isEqualTo("{\"reason\":\"stream-recreated\"}");
        assertThat(back.messages(5)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(0, 5));
    }

    @Test
    void continuesAfterAnIdWithoutTheTimeOfItsMessage() {
        SseClient first = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", 0, 5);
        EventId id = EventId.parse(id(first.messages(3).get(2)), "id");

        SseClient back = open("?subject=logs.>&raw&start=" + new EventId(id.epoch(), id.sequence(), 0));

        assertThat(back.messages(2)).extracting(Frame::data).containsExactly("3", "4");
    }

    @Test
    void continuesAfterAnIdWhoseMessageWasDeleted() {
        SseClient first = open("?subject=logs.>&raw").untilConnected();
        streams.store("logs.a", "a");
        streams.store("logs.b", "b");
        streams.store("logs.c", "c");
        String id = id(first.messages(2).get(1));
        streams.purge("LOGS", "logs.b");

        SseClient back = open("?subject=logs.>&raw&start=" + id);

        assertThat(back.until(frame -> frame.type().equals("message")))
                .extracting(Frame::type)
                .doesNotContain("gap");
        streams.store("logs.d", "d");
        assertThat(back.await("message").data()).isEqualTo("d");
    }

    /** {@code tail:1} is what {@code from=last} requests, and a time what {@code from=since:} does. */
    @ParameterizedTest
    @CsvSource({
        "all, 0",
        "seq:1, 0",
        "time:2020-01-01T00:00:00Z, 0",
        "tail:300, 0",
        "tail:1, 299",
        "last-per-subject, 0"
    })
    void fitsItsConsumersIntoTheLimitsOfTheStream(String start, int first) {
        streams.create(StreamConfiguration.builder()
                .name("LOGS")
                .subjects("logs.>")
                .consumerLimits(ConsumerLimits.builder()
                        .inactiveThreshold(Duration.ofSeconds(10))
                        .maxAckPending(10)
                        .build())
                .build());
        for (int i = 0; i < 300; i++) {
            streams.store("logs." + i, "" + i);
        }

        SseClient client = open("?subject=logs.>&raw&start=" + start);
        assertThat(client.messages(300 - first))
                .extracting(Frame::data)
                .containsExactlyElementsOf(TestStreams.numbers(first, 300));
        streams.store("logs.a", 300, 800);

        assertThat(client.messages(500))
                .extracting(Frame::data)
                .containsExactlyElementsOf(TestStreams.numbers(300, 800));
        assertThat(streams.consumers("LOGS")).isPositive();
    }

    @Test
    void tailsAStreamThatAllowsNoMoreConsumers() {
        allowOneConsumer();
        open("?subject=logs.b").untilConnected();

        SseClient client = open("?subject=logs.a&raw").untilConnected();
        streams.store("logs.a", 0, 2_000);

        assertThat(client.messages(2_000))
                .extracting(Frame::data)
                .containsExactlyElementsOf(TestStreams.numbers(0, 2_000));
    }

    @Test
    void staysConnectedWhileItsStreamAllowsNoMoreConsumers() {
        allowOneConsumer();
        open("?subject=logs.b").untilConnected();
        SseClient client = open("?subject=logs.a&raw").untilConnected();
        try (NatsSpy spy = new NatsSpy(nats)) {
            for (int refusals = 0; refusals < 4; refusals++) {
                spy.heardUntil(subject -> subject.startsWith("$JS.API.CONSUMER.CREATE.LOGS."));
            }
        }

        streams.store("logs.a", "last");

        assertThat(client.until(frame -> frame.data().equals("last")))
                .extracting(Frame::type)
                .doesNotContain("status");
    }

    @Test
    void findsATimeWithoutAConsumer() {
        allowOneConsumer();
        open("?subject=logs.b").untilConnected();
        streams.store("logs.a", 0, 20);
        Instant before = streams.lastTime("LOGS");
        streams.store("logs.a", 20, 40);

        SseClient client = open("?subject=logs.a&raw&start=time:" + before.plusNanos(1));

        assertThat(client.messages(20)).extracting(Frame::data).containsExactlyElementsOf(TestStreams.numbers(20, 40));
    }

    @Test
    void rejectsASnapshotWithoutAConsumerBeforeItBegins() {
        allowOneConsumer();
        streams.store("logs.a", "a");
        open("?subject=logs.b").untilConnected();

        HttpExchange exchange = new HttpExchange(server.port());
        exchange.send("GET /v1/events?subject=logs.%3E&start=last-per-subject HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .head();

        assertThat(exchange.status()).isEqualTo(503);
        exchange.close();
    }

    @Test
    void doesNotWaitForTheLastMessageOfAPurgedSubject() {
        String text = "x".repeat(2_000);
        for (int i = 0; i < 3_000; i++) {
            streams.storeSoon("logs." + i, text);
        }
        streams.store("logs.end", "end");
        SseClient client = SseClient.openWithSmallSocket(server.port(), "?subject=logs.>&raw&start=last-per-subject")
                .within(Timeouts.LIMIT);
        clients.add(client);
        client.messages(1);

        for (int i = 2_900; i < 3_000; i++) {
            streams.purge("LOGS", "logs." + i);
        }
        streams.purge("LOGS", "logs.end");
        assertThat(client.messages(2_899)).extracting(Frame::data).containsOnly(text);
        streams.store("logs.live", "live");

        assertThat(client.await("message").data()).isEqualTo("live");
    }

    @Test
    void endsWhenItsStreamIsDeleted() {
        SseClient client = open("?subject=logs.>").untilConnected();

        streams.delete("LOGS");

        assertThat(client.await("closed").data()).isEqualTo("{\"reason\":\"lifetime\"}");
    }

    @Test
    void endsWhenItsSubjectsMoveToAnotherStream() {
        streams.store("logs.a", "a");
        SseClient client = open("?subject=logs.>&raw").untilConnected();
        SseClient narrow = open("?subject=logs.kept&raw").untilConnected();

        streams.move("LOGS", "logs.kept");

        assertThat(client.await("closed").data()).isEqualTo("{\"reason\":\"lifetime\"}");
        streams.store("logs.kept", "kept");
        assertThat(narrow.await("message").data()).isEqualTo("kept");
    }

    /** As the filters of one consumer, the two patterns make nats-server 2.10 skip the messages of {@code logs.a}. */
    @Test
    void sendsTheMessagesOfPatternsOfWhichOneEndsWhereTheOtherGoesOn() {
        streams.store("logs.a", "1");
        streams.store("logs.a.x", "2");
        SseClient client = open("?subject=logs.*&subject=logs.a.>&raw&start=all");
        assertThat(client.messages(2)).extracting(Frame::data).containsExactly("1", "2");

        streams.store("logs.a", "3");
        streams.store("logs.b", "4");

        assertThat(client.messages(2)).extracting(Frame::data).containsExactly("3", "4");
    }

    @Test
    void advancesTheIdWithoutMatchingMessages() {
        SseClient client = open("?subject=logs.>&raw&contains=needle").untilConnected();

        streams.store("logs.a", 0, 600);
        List<Frame> read = client.until(frame -> frame.field("id").anyMatch(id -> id.endsWith("-512")));

        assertThat(read).extracting(Frame::type).doesNotContain("message");
        streams.store("logs.a", "a needle");
        assertThat(client.await("message").data()).isEqualTo("a needle");
    }

    /** The stream has removed the messages next to its last id, but none of its subject. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&contains=st"})
    void aClientOfAQuietSubjectIsToldOfNoGapWhenItResumes(String filter) {
        streams.create(StreamConfiguration.builder()
                .name("FEW")
                .subjects("few.>")
                .storageType(StorageType.Memory)
                .maxMessages(10)
                .build());
        String query = "?subject=few.quiet&raw" + filter;
        SseClient first = open(query).untilConnected();
        streams.store("few.quiet", "first");
        String id = id(first.await("message"));
        for (int i = 0; i < 2; i++) {
            streams.store("few.other", 0, 8);
            String last = "-" + streams.last("FEW");
            List<Frame> read = first.until(frame -> frame.field("id").anyMatch(place -> place.endsWith(last)));
            id = id(read.get(read.size() - 1));
        }
        first.close();

        SseClient second = open(query + "&start=" + id).untilConnected();
        streams.store("few.quiet", "last");
        List<Frame> read = second.until(frame -> frame.type().equals("message"));

        assertThat(read).extracting(Frame::type).doesNotContain("gap");
        streams.delete("FEW");
    }

    @Test
    void filtersHistoryLikeLiveMessages() {
        streams.store("logs.a", 0, 1_000);

        SseClient client = open("?subject=logs.>&raw&start=all&contains=99");
        await().atMost(Timeouts.LIMIT).until(() -> server.tails.pages() > 0);
        streams.store("logs.a", 1_990, 1_992);

        assertThat(client.messages(21)).extracting(Frame::data).endsWith("998", "999", "1990", "1991");
    }

    /** Replaces the stream by one that takes no second consumer. */
    private void allowOneConsumer() {
        streams.create(StreamConfiguration.builder()
                .name("LOGS")
                .subjects("logs.>")
                .maxConsumers(1)
                .build());
    }

    private SseClient open(String query) {
        SseClient client = SseClient.open(server.port(), query);
        clients.add(client);
        return client.within(Timeouts.LIMIT);
    }

    /**
     * Reads until the start position of {@code client} is known. If NATS takes longer than {@code api-timeout} to
     * report it, as on a busy machine, the response begins before that.
     */
    private static void untilPlaced(SseClient client) {
        client.until(frame -> frame.field("id").findAny().isPresent());
    }

    private static String id(Frame frame) {
        return frame.field("id").findFirst().orElseThrow();
    }

    private static String epoch(Frame frame) {
        return EventId.parse(id(frame), "id").epoch();
    }

    private static long sequence(Frame frame) {
        return EventId.parse(id(frame), "id").sequence();
    }
}
