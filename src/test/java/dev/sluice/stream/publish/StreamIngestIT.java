package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static dev.sluice.stream.publish.TestPublishing.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Bulk ingest: checkpoints stay valid through every failure. Uses fast batches if the server supports them. */
class StreamIngestIT {
    /** The server escapes {@code >} in JSON. */
    private static final Pattern BATCH_INBOX = Pattern.compile("\"_INBOX\\.\\w+\\.(>|\\\\u003e)\"");

    private final int monitoring = FreePorts.next();
    private final NatsServer server = NatsServer.started("http: \"127.0.0.1:" + monitoring + "\"");
    private TestPublishing nats = new TestPublishing(server, Map.of());

    @AfterEach
    void close() {
        nats.close();
        server.close();
    }

    @Test
    void storesAllInOrderAndReturnsTheLastSequence() {
        create(orders());

        List<Checkpoint> checkpoints = load(texts(0, 1000));

        assertThat(checkpoints).last().isEqualTo(new Checkpoint("ORDERS", 1000, OptionalLong.of(1000)));
        assertThat(checkpoints).extracting(Checkpoint::messages).isSorted().doesNotHaveDuplicates();
        assertThat(stored()).isEqualTo(texts(0, 1000).collect().asList().await().indefinitely());
    }

    @Test
    void usesOneBatchForAllMessages() {
        assumeBatches(create(orders()));

        List<Checkpoint> checkpoints = load(texts(0, 10_000));

        assertThat(nats.publisher.counters().batches()).isEqualTo(1);
        assertThat(checkpoints).hasSizeLessThan(200);
    }

    @Test
    void publishesOneByOneIfTheStreamAllowsNoBatches() {
        create(stream("ORDERS", "orders.>"));

        List<Checkpoint> checkpoints = load(texts(0, 10));

        assertThat(checkpoints)
                .isEqualTo(LongStream.rangeClosed(1, 10)
                        .mapToObj(n -> new Checkpoint("ORDERS", n, OptionalLong.of(n)))
                        .toList());
        assertThat(nats.publisher.counters().batches()).isZero();
    }

    @Test
    void aSlowSourceReceivesCheckpoints() {
        create(orders());
        UnicastProcessor<String> source = UnicastProcessor.create();
        AssertSubscriber<Checkpoint> checkpoints = subscribe(source);

        source.onNext("a");
        checkpoints.awaitItems(1, Timeouts.LIMIT);
        source.onNext("b");
        checkpoints.awaitItems(2, Timeouts.LIMIT);
        source.onComplete();

        checkpoints
                .awaitCompletion(Timeouts.LIMIT)
                .assertItems(
                        new Checkpoint("ORDERS", 1, OptionalLong.of(1)),
                        new Checkpoint("ORDERS", 2, OptionalLong.of(2)));
    }

    @Test
    void severalIngestsRunConcurrently() {
        create(orders());
        List<AssertSubscriber<Checkpoint>> loads = IntStream.range(0, 3)
                .mapToObj(load -> subscribe(texts(load * 5000, 5000)))
                .toList();

        loads.forEach(load -> load.awaitCompletion(Timeouts.LIMIT));

        assertThat(loads)
                .allSatisfy(load -> assertThat(load.getLastItem().messages()).isEqualTo(5000));
        assertThat(stored()).hasSize(15_000).doesNotHaveDuplicates();
    }

    @Test
    void storesAMessageIdOnce() {
        create(orders());
        Multi<OutboundMessage> messages =
                texts(0, 1000).map(text -> message("orders.created", text, Map.of(NatsHeaders.MESSAGE_ID, text)));
        nats.ingests
                .ingest("ORDERS", messages.select().first(500))
                .collect()
                .last()
                .await()
                .atMost(Timeouts.LIMIT);

        Checkpoint last =
                nats.ingests.ingest("ORDERS", messages).collect().last().await().atMost(Timeouts.LIMIT);

        assertThat(last).isEqualTo(new Checkpoint("ORDERS", 1000, OptionalLong.of(1000)));
        assertThat(stored()).isEqualTo(texts(0, 1000).collect().asList().await().indefinitely());
    }

    @Test
    void endsWithoutASequenceIfAllMessagesAreDuplicates() {
        create(orders());
        Multi<OutboundMessage> messages =
                texts(0, 300).map(text -> message("orders.created", text, Map.of(NatsHeaders.MESSAGE_ID, text)));
        nats.ingests.ingest("ORDERS", messages).collect().last().await().atMost(Timeouts.LIMIT);

        Checkpoint last =
                nats.ingests.ingest("ORDERS", messages).collect().last().await().atMost(Timeouts.LIMIT);

        assertThat(last.messages()).isEqualTo(300);
        assertThat(stored()).hasSize(300);
    }

    @Test
    void storesTheMessagesBeforeASubjectThatTheStreamDoesNotStore() {
        create(orders());
        Multi<OutboundMessage> messages = Multi.createBy()
                .concatenating()
                .streams(
                        texts(0, 300).map(text -> message("orders.created", text)),
                        Multi.createFrom().item(message("invoices.created", "x")),
                        texts(300, 300).map(text -> message("orders.created", text)));
        AssertSubscriber<Checkpoint> checkpoints =
                nats.ingests.ingest("ORDERS", messages).subscribe().withSubscriber(AssertSubscriber.create(1000));

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.INVALID), Timeouts.LIMIT);

        assertThat(checkpoints.getLastItem().messages()).isEqualTo(300);
        assertThat(stored()).hasSize(300);
    }

    @Test
    void reportsTheMessagesStoredBeforeARejectedOne() {
        create(orders().maximumMessageSize(200));
        Multi<String> texts = Multi.createBy()
                .concatenating()
                .streams(texts(0, 300), Multi.createFrom().item("x".repeat(300)), texts(300, 300));
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts);

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.TOO_LARGE), Timeouts.LIMIT);

        assertThat(checkpoints.getLastItem().messages()).isEqualTo(300);
    }

    @Test
    void reportsAFullStream() {
        create(orders().maxMessages(300).discardPolicy(DiscardPolicy.New));
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts(0, 1000));

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.STREAM_FULL), Timeouts.LIMIT);

        assertThat(checkpoints.getLastItem().messages()).isEqualTo(300);
    }

    @Test
    void reportsAMissingStream() {
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts(0, 10));

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.NO_STREAM), Timeouts.LIMIT);
    }

    @Test
    void reportsAStreamThatIsDeletedMeanwhile() {
        create(orders());
        UnicastProcessor<String> source = UnicastProcessor.create();
        AssertSubscriber<Checkpoint> checkpoints = subscribe(source);
        source.onNext("a");
        checkpoints.awaitItems(1, Timeouts.LIMIT);

        nats.manage(management -> management.deleteStream("ORDERS"));
        source.onNext("b");

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.NO_STREAM), Timeouts.LIMIT);
    }

    @Test
    void continuesOneByOneIfTheStreamNoLongerAllowsBatches() {
        assumeBatches(create(orders()));
        UnicastProcessor<String> source = UnicastProcessor.create();
        AssertSubscriber<Checkpoint> checkpoints = subscribe(source);
        source.onNext("a");
        checkpoints.awaitItems(1, Timeouts.LIMIT);

        nats.manage(management ->
                management.updateStream(stream("ORDERS", "orders.>").build()));
        source.onNext("b");
        source.onComplete();

        checkpoints.awaitCompletion(Timeouts.LIMIT);
        assertThat(checkpoints.getLastItem()).isEqualTo(new Checkpoint("ORDERS", 2, OptionalLong.of(2)));
    }

    @Test
    void reportsTheMessagesStoredBeforeAFailureOfItsSource() {
        create(orders());
        Multi<String> texts = Multi.createBy()
                .concatenating()
                .streams(texts(0, 300), Multi.createFrom().failure(new IllegalStateException("the source broke")));
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts);

        checkpoints.awaitFailure(failure -> assertThat(failure).hasMessage("the source broke"), Timeouts.LIMIT);

        assertThat(checkpoints.getLastItem()).isEqualTo(new Checkpoint("ORDERS", 300, OptionalLong.of(300)));
    }

    @Test
    void releasesItsResourcesWhenCancelled() {
        boolean batched = create(orders());
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts(0, Integer.MAX_VALUE));
        await().atMost(Timeouts.LIMIT).until(() -> nats.publisher.counters().stored() > 0);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(batchInboxes()).isEqualTo(batched ? 1 : 0));

        checkpoints.cancel();

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(batchInboxes()).isZero());
        await().atMost(Timeouts.LIMIT).until(() -> nats.publisher.inFlight() == 0);
    }

    @Test
    void requestsNoMoreThanTheWindowWhileCheckpointsAreNotTaken() {
        create(orders());
        int[] taken = new int[1];
        AssertSubscriber<Checkpoint> checkpoints = nats.ingests
                .ingest("ORDERS", texts(0, 10_000).invoke(text -> taken[0]++).map(text -> message("orders.a", text)))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(0));
        await().atMost(Timeouts.LIMIT)
                .until(() -> nats.info("ORDERS").getStreamState().getMsgCount() > 100);

        assertThat(taken[0]).isLessThanOrEqualTo(256);
        checkpoints.request(Long.MAX_VALUE).awaitCompletion(Timeouts.LIMIT);
        assertThat(checkpoints.getLastItem().messages()).isEqualTo(10_000);
    }

    @Test
    void storesEachOf20000MessagesOnceWhileTheServerIsKilledThreeTimes() {
        int messages = 20_000;
        boolean batched = create(orders());
        int[] kills = new int[1];

        Checkpoint last = nats.ingests
                .ingest("ORDERS", texts(0, messages).map(text -> message("orders.created", text)))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .invoke(checkpoint -> {
                    if (kills[0] < 3 && checkpoint.messages() > (kills[0] + 1) * messages / 4) {
                        kills[0]++;
                        server.kill();
                        server.start();
                    }
                })
                .collect()
                .last()
                .await()
                .atMost(Duration.ofMinutes(2));

        assertThat(kills[0]).isEqualTo(3);
        assertThat(last.messages()).isEqualTo(messages);
        List<String> expected = texts(0, messages).collect().asList().await().indefinitely();
        if (batched) {
            assertThat(stored()).isEqualTo(expected);
        } else {
            assertThat(stored()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void waitsForNats() {
        create(orders());
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !nats.publisher.reachable());
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts(0, 10));

        server.start();

        checkpoints.awaitCompletion(Timeouts.LIMIT);
        assertThat(checkpoints.getLastItem().messages()).isEqualTo(10);
    }

    @Test
    void isUnavailableIfNothingWasSent() {
        restart(Map.of("deadline", "300ms", "backoff", "50ms"));
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !nats.publisher.reachable());

        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts(0, 10));

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.UNAVAILABLE), Timeouts.LIMIT);
    }

    @Test
    void hasAnUnknownOutcomeIfNoAnswerArrivesInTime() {
        restart(Map.of("ack-timeout", "200ms", "deadline", "1s"));
        create(orders());
        AssertSubscriber<Checkpoint> checkpoints = subscribe(texts(0, 1_000_000));
        await().atMost(Timeouts.LIMIT).until(() -> nats.publisher.counters().stored() > 0);

        server.freeze();

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.OUTCOME_UNKNOWN), Timeouts.LIMIT);
        server.thaw();
    }

    @Test
    void quiesceWaitsForMessagesInFlight() {
        create(orders());
        UnicastProcessor<String> source = UnicastProcessor.create();
        AssertSubscriber<Checkpoint> checkpoints = subscribe(source);
        source.onNext("a");
        await().atMost(Timeouts.LIMIT).until(() -> nats.publisher.counters().sent() == 1);

        nats.publisher.quiesce(Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);
        source.onNext("b");

        checkpoints.awaitFailure(failure -> assertFailure(failure, Failure.UNAVAILABLE), Timeouts.LIMIT);
        assertThat(checkpoints.getItems()).containsExactly(new Checkpoint("ORDERS", 1, OptionalLong.of(1)));
    }

    /**
     * Returns the number of batch inboxes at the server. Only batches subscribe to more than one token below an inbox.
     */
    private long batchInboxes() throws IOException {
        URI connections = URI.create("http://127.0.0.1:" + monitoring + "/connz?subs=1");
        try (InputStream answer = connections.toURL().openStream()) {
            return BATCH_INBOX
                    .matcher(new String(answer.readAllBytes(), StandardCharsets.UTF_8))
                    .results()
                    .count();
        }
    }

    private static void assertFailure(Throwable failure, Failure expected) {
        assertThat(failure).isInstanceOfSatisfying(SluiceException.class, it -> assertThat(it.failure())
                .isEqualTo(expected));
    }

    private static StreamConfiguration.Builder orders() {
        return stream("ORDERS", "orders.>").allowBatched();
    }

    /** Returns whether the server supports batches. A server without support omits the setting from its response. */
    private boolean create(StreamConfiguration.Builder stream) {
        return nats.create(stream).getConfiguration().getAllowBatched();
    }

    private static void assumeBatches(boolean batched) {
        Assumptions.assumeTrue(batched, "this server knows no fast-ingest batches");
    }

    private static Multi<String> texts(int from, int count) {
        return Multi.createFrom().range(from, from + count).map(i -> "order " + i);
    }

    private AssertSubscriber<Checkpoint> subscribe(Multi<String> texts) {
        return nats.ingests
                .ingest("ORDERS", texts.map(text -> message("orders.created", text)))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));
    }

    private List<Checkpoint> load(Multi<String> texts) {
        return subscribe(texts).awaitCompletion(Timeouts.LIMIT).getItems();
    }

    private void restart(Map<String, String> keys) {
        nats.close();
        nats = new TestPublishing(server, keys);
    }

    private List<String> stored() {
        long last = nats.info("ORDERS").getStreamState().getLastSequence();
        return LongStream.rangeClosed(1, last)
                .mapToObj(sequence -> nats.stored("ORDERS", sequence))
                .toList();
    }
}
