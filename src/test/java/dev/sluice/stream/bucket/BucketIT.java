package dev.sluice.stream.bucket;

import static dev.sluice.stream.bucket.TestBuckets.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.KeyValue;
import io.nats.client.Nats;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.KeyValueStatus;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Key-value buckets: their guarantees, and interoperability with other clients of the same bucket. */
@TestInstance(Lifecycle.PER_CLASS)
class BucketIT {
    private static final BucketDefinition STATUS = new BucketDefinition("STATUS", 3, Duration.ofHours(1), 1, 1 << 20);

    private final NatsServer server = NatsServer.started();
    private final TestBuckets nats = new TestBuckets(server);
    private final Bucket bucket = nats.declared(STATUS);
    private Connection other;

    @BeforeAll
    void connectAnotherClient() throws IOException, InterruptedException {
        other = Nats.connect(server.url());
    }

    @AfterAll
    void close() throws InterruptedException {
        other.close();
        nats.close();
        server.close();
    }

    @Test
    void returnsTheValueThatWasPut() {
        BucketKey key = new BucketKey("put.A-17");

        long revision = await(bucket.put(key, bytes("one")));

        BucketEntry entry = await(bucket.get(key)).orElseThrow();
        assertThat(entry.key()).isEqualTo("put.A-17");
        assertThat(entry.value()).isEqualTo(bytes("one"));
        assertThat(entry.revision()).isEqualTo(revision);
        assertThat(entry.operation()).isEqualTo(BucketEntry.Operation.PUT);
    }

    @Test
    void isEmptyWithoutAValue() {
        Optional<BucketEntry> entry = await(bucket.get(new BucketKey("nothing")));

        assertThat(entry).isEmpty();
    }

    @Test
    void isEmptyAfterADelete() {
        BucketKey key = new BucketKey("deleted");
        await(bucket.put(key, bytes("one")));

        await(bucket.delete(key));

        assertThat(await(bucket.get(key))).isEmpty();
    }

    @Test
    void theLeaderReturnsTheSameValue() {
        BucketKey key = new BucketKey("led");
        assertThat(await(bucket.latest(key))).isEmpty();
        long revision = await(bucket.put(key, bytes("one")));

        BucketEntry entry = await(bucket.latest(key)).orElseThrow();

        assertThat(entry)
                .usingRecursiveComparison()
                .isEqualTo(await(bucket.get(key)).orElseThrow());
        assertThat(entry.revision()).isEqualTo(revision);
        await(bucket.delete(key));
        assertThat(await(bucket.latest(key))).isEmpty();
    }

    @Test
    void createsOnlyAnAbsentKey() {
        BucketKey key = new BucketKey("created");
        await(bucket.create(key, bytes("one")));

        Failure failure = failure(bucket.create(key, bytes("two")));

        assertThat(failure).isEqualTo(Failure.WRONG_SEQUENCE);
        assertThat(await(bucket.get(key)).orElseThrow().value()).isEqualTo(bytes("one"));
    }

    @Test
    void createsADeletedKeyAgain() {
        BucketKey key = new BucketKey("again");
        await(bucket.create(key, bytes("one")));
        await(bucket.delete(key));

        await(bucket.create(key, bytes("two")));

        assertThat(await(bucket.get(key)).orElseThrow().value()).isEqualTo(bytes("two"));
    }

    @Test
    void updatesOnlyIfTheRevisionMatches() {
        BucketKey key = new BucketKey("compared");
        long seen = await(bucket.put(key, bytes("one")));
        await(bucket.update(key, bytes("two"), seen));

        Failure failure = failure(bucket.update(key, bytes("lost"), seen));

        assertThat(failure).isEqualTo(Failure.WRONG_SEQUENCE);
        assertThat(await(bucket.get(key)).orElseThrow().value()).isEqualTo(bytes("two"));
    }

    @Test
    void oneOfManyConcurrentUpdatesSucceeds() {
        BucketKey key = new BucketKey("raced");
        long seen = await(bucket.put(key, bytes("start")));
        List<Uni<Boolean>> updates = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            updates.add(bucket.update(key, bytes("winner " + i), seen)
                    .replaceWith(true)
                    .onFailure()
                    .recoverWithItem(false));
        }

        List<Boolean> won = await(Uni.join().all(updates).andFailFast());

        assertThat(won).containsOnlyOnce(true);
    }

    @Test
    void watchesOneKeyFromItsPresentValueOn() {
        BucketKey key = new BucketKey("watched.one");
        await(bucket.put(key, bytes("old")));
        await(bucket.put(key, bytes("present")));
        AssertSubscriber<BucketEntry> watcher =
                bucket.watch(key).subscribe().withSubscriber(AssertSubscriber.create(10));
        watcher.awaitItems(1, Timeouts.LIMIT);

        await(bucket.put(new BucketKey("watched.two"), bytes("not mine")));
        await(bucket.put(key, bytes("next")));
        await(bucket.delete(key));

        watcher.awaitItems(3, Timeouts.LIMIT).cancel();
        assertThat(watcher.getItems()).extracting(entry -> text(entry.value())).containsExactly("present", "next", "");
        assertThat(watcher.getItems().get(2).operation()).isEqualTo(BucketEntry.Operation.DELETE);
    }

    @Test
    void watchesAllKeys() {
        Bucket small = nats.declared(BucketDefinition.of("SMALL"));
        await(small.put(new BucketKey("a"), bytes("1")));
        await(small.put(new BucketKey("b.c"), bytes("2")));

        AssertSubscriber<BucketEntry> watcher =
                small.watchAll().subscribe().withSubscriber(AssertSubscriber.create(10));

        watcher.awaitItems(2, Timeouts.LIMIT).cancel();
        assertThat(watcher.getItems()).extracting(BucketEntry::key).containsExactly("a", "b.c");
    }

    @Test
    void isAnOrdinaryBucketToOtherClients() throws IOException, InterruptedException, JetStreamApiException {
        KeyValue theirs = other.keyValue("STATUS");
        long revision = theirs.put("shared", "theirs");
        await(bucket.update(new BucketKey("shared"), bytes("ours"), revision));

        KeyValueEntry seen = theirs.get("shared");

        assertThat(seen.getValueAsString()).isEqualTo("ours");
        KeyValueStatus status = theirs.getStatus();
        assertThat(status.getMaxHistoryPerKey()).isEqualTo(3);
        assertThat(status.getTtl()).isEqualTo(Duration.ofHours(1));
        StreamConfiguration stream = status.getBackingStreamInfo().getConfiguration();
        assertThat(stream.getAllowRollup()).isTrue();
        assertThat(stream.getDenyDelete()).isTrue();
        assertThat(stream.getAllowDirect()).isTrue();
    }

    @Test
    void readsTheDeletionsOfOtherClients() throws IOException, InterruptedException, JetStreamApiException {
        BucketKey key = new BucketKey("purged");
        await(bucket.put(key, bytes("one")));

        other.keyValue("STATUS").purge("purged");

        assertThat(await(bucket.get(key))).isEmpty();
        assertThat(await(bucket.create(key, bytes("two")))).isPositive();
    }

    @Test
    void updatesTheSettingsOfABucketAndKeepsItsValues() throws IOException, JetStreamApiException {
        Bucket before = nats.declared(BucketDefinition.of("GROWING"));
        await(before.put(new BucketKey("kept"), bytes("kept")));

        Bucket after = nats.declared(new BucketDefinition("GROWING", 5, Duration.ofSeconds(30), 1, 4096));

        assertThat(await(after.get(new BucketKey("kept")))).isPresent();
        assertThat(other.keyValueManagement().getStatus("GROWING").getMaxHistoryPerKey())
                .isEqualTo(5);
    }

    @Test
    void neverNarrowsABucket() throws IOException, JetStreamApiException {
        nats.declared(new BucketDefinition("WIDE", 5, Duration.ofHours(1), 1, 1 << 20));
        StreamConfiguration before = configuration("KV_WIDE");

        Bucket narrow = nats.declared(new BucketDefinition("WIDE", 1, Duration.ofSeconds(30), 1, 4096));

        assertThat(await(narrow.get(new BucketKey("none")))).isEmpty();
        assertThat(configuration("KV_WIDE")).usingRecursiveComparison().isEqualTo(before);
        assertThat(nats.buckets().problems()).doesNotContainKey("bucket WIDE");
    }

    @Test
    void keepsALimitThatAnOperatorHasSetWhereItHasNone() throws IOException, JetStreamApiException {
        nats.declared(BucketDefinition.of("LIMITED"));
        StreamConfiguration limited = StreamConfiguration.builder(configuration("KV_LIMITED"))
                .maxBytes(1 << 20)
                .maxAge(Duration.ofHours(1))
                .build();
        other.jetStreamManagement().updateStream(limited);

        nats.declared(new BucketDefinition("LIMITED", 5, Duration.ZERO, 1, -1));

        assertThat(configuration("KV_LIMITED").getMaxBytes()).isEqualTo(1 << 20);
        assertThat(configuration("KV_LIMITED").getMaxAge()).isEqualTo(Duration.ofHours(1));
        assertThat(configuration("KV_LIMITED").getMaxMsgsPerSubject()).isEqualTo(5);
    }

    /** Older servers permit any number of replicas on a single server. */
    @Test
    void usesABucketThatTheServerRefusesToChange() {
        assumeTrue(other.getServerInfo().isSameOrNewerThanVersion("2.15.0"));
        nats.declared(BucketDefinition.of("SINGLE"));

        Bucket replicated = nats.declared(new BucketDefinition("SINGLE", 1, Duration.ZERO, 3, -1));

        assertThat(await(replicated.put(new BucketKey("a"), bytes("one")))).isPositive();
        assertThat(nats.buckets().problems()).containsOnlyKeys("bucket SINGLE");
    }

    @Test
    void keepsTheSubjectsThatAnOperatorHasSet() throws IOException, JetStreamApiException {
        nats.declared(BucketDefinition.of("MAPPED"));
        StreamConfiguration more = StreamConfiguration.builder(configuration("KV_MAPPED"))
                .addSubjects("mapped.>")
                .build();
        other.jetStreamManagement().updateStream(more);

        nats.declared(new BucketDefinition("MAPPED", 5, Duration.ZERO, 1, -1));

        assertThat(configuration("KV_MAPPED").getSubjects()).containsExactlyInAnyOrder("$KV.MAPPED.>", "mapped.>");
        assertThat(configuration("KV_MAPPED").getMaxMsgsPerSubject()).isEqualTo(5);
    }

    private StreamConfiguration configuration(String stream) throws IOException, JetStreamApiException {
        return other.jetStreamManagement().getStreamInfo(stream).getConfiguration();
    }

    @Test
    void isCreatedAgainAfterAnotherClientDeletedIt() throws IOException, JetStreamApiException {
        Bucket gone = nats.declared(BucketDefinition.of("GONE"));
        other.keyValueManagement().delete("GONE");

        Failure failure = failure(gone.get(new BucketKey("a")));

        assertThat(failure).isEqualTo(Failure.UNAVAILABLE);
        Awaitility.await().atMost(Timeouts.LIMIT).until(gone::exists);
        assertThat(await(gone.get(new BucketKey("a")))).isEmpty();
    }

    private static Failure failure(Uni<?> uni) {
        return catchThrowableOfType(SluiceException.class, () -> await(uni)).failure();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
