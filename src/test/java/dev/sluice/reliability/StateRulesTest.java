package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that the loads of buckets and object stores find every violation and nothing else. */
class StateRulesTest {
    private static final int NO_PORT = 1;
    private static final Map<String, String> BUCKET = Map.of("a", "2", "b", "1");

    private final Ledger ledger = new Ledger(
            new FaultLog(Duration.ZERO),
            new Ledger.Bounds(
                    Duration.ofSeconds(6), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(3)));
    private final WatchLoad watch = new WatchLoad(ledger, "w", NO_PORT);
    private final IncrementLoad increments = new IncrementLoad(ledger, NO_PORT, 1);
    private final ObjectLoad objects = new ObjectLoad(ledger, NO_PORT, 1);

    @Test
    void acceptsAWatchThatKnowsTheBucket() throws Exception {
        put("a", 1, "1");
        put("b", 2, "1");
        put("c", 3, "1");
        put("a", 4, "2");
        delete("c", 5);
        watch.compare(BUCKET, 1);

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void findsAWatchThatShowsAnOlderRevision() throws Exception {
        put("a", 4, "2");
        put("a", 1, "1");

        assertThat(ledger.broken()).containsOnlyKeys(Rule.WATCH_WENT_BACK);
    }

    @Test
    void findsAWatchThatShowsARevisionAgain() throws Exception {
        put("a", 4, "2");
        put("a", 4, "2");

        assertThat(ledger.broken()).containsOnlyKeys(Rule.WATCH_WENT_BACK);
    }

    @Test
    void acceptsAnotherKeyWithAnOlderRevision() throws Exception {
        put("a", 4, "2");
        put("b", 2, "1");

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void findsAWatchThatMissedTheLastValue() throws Exception {
        put("a", 1, "1");
        put("b", 2, "1");
        watch.compare(BUCKET, 1);

        assertThat(ledger.broken()).containsOnlyKeys(Rule.WATCH_MISSED_STATE);
    }

    @Test
    void findsAWatchThatMissedADeletion() throws Exception {
        put("b", 2, "1");
        put("c", 3, "1");
        put("a", 4, "2");
        watch.compare(BUCKET, 1);

        assertThat(ledger.broken()).containsOnlyKeys(Rule.WATCH_MISSED_STATE);
    }

    @Test
    void acceptsAGapOfRevisionsThatAreGone() throws Exception {
        put("c", 1, "1");
        gap("{\"from\":2,\"to\":3}");
        put("a", 4, "2");
        put("b", 5, "1");
        watch.compare(BUCKET, 4);

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void findsAGapOfRevisionsThatTheBucketHolds() throws Exception {
        gap("{\"from\":1,\"to\":3}");
        put("b", 3, "1");
        put("a", 4, "2");
        watch.compare(BUCKET, 3);

        assertThat(ledger.broken()).containsOnlyKeys(Rule.UNFOUNDED_GAP);
    }

    @Test
    void findsAGapOfABucketThatWasNotRecreated() throws Exception {
        gap("{\"reason\":\"stream-recreated\"}");

        assertThat(ledger.broken()).containsOnlyKeys(Rule.UNFOUNDED_GAP);
    }

    @Test
    void acceptsANumberOfAllAcknowledgedIncrements() throws Exception {
        increments.count(200);
        increments.count(412);
        increments.compare(1);

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void acceptsEitherResultOfAnIncrementOfUnknownOutcome() throws Exception {
        increments.count(200);
        increments.count(503);
        increments.compare(1);
        increments.compare(2);

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void findsALostIncrement() throws Exception {
        increments.count(200);
        increments.count(200);
        increments.compare(1);

        assertThat(ledger.broken()).containsOnlyKeys(Rule.LOST_INCREMENT);
    }

    @Test
    void findsAnIncrementThatNobodyMade() throws Exception {
        increments.count(200);
        increments.compare(2);

        assertThat(ledger.broken()).containsOnlyKeys(Rule.LOST_INCREMENT);
    }

    @Test
    void acceptsTheContentOfTheLastUpload() {
        upload(1, true);
        upload(2, true);
        objects.compare("o", ObjectLoad.content(2));

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void acceptsEitherResultOfAnUploadOfUnknownOutcome() {
        upload(1, true);
        upload(2, false);
        objects.compare("o", ObjectLoad.content(1));
        objects.compare("o", ObjectLoad.content(2));

        assertThat(ledger.broken()).isEmpty();
    }

    @Test
    void findsTheContentOfAnEarlierUpload() {
        upload(1, true);
        upload(2, true);
        objects.compare("o", ObjectLoad.content(1));

        assertThat(ledger.broken()).containsOnlyKeys(Rule.WRONG_OBJECT);
    }

    @Test
    void findsAMixedContent() {
        upload(1, true);
        byte[] content = ObjectLoad.content(1);
        content[content.length / 2] ^= 1;
        objects.compare("o", content);

        assertThat(ledger.broken()).containsOnlyKeys(Rule.WRONG_OBJECT);
    }

    @Test
    void findsAMissingObjectIfAnUploadWasAcknowledged() {
        upload(1, false);
        objects.missing("o");
        assertThat(ledger.broken()).isEmpty();

        upload(2, true);
        objects.missing("o");
        assertThat(ledger.broken()).containsOnlyKeys(Rule.WRONG_OBJECT);
    }

    @Test
    void findsChunksThatNoObjectHas() {
        StateStores.compareOrphans(
                ledger, StateStores.orphans(List.of("$O.files.C.one", "$O.files.C.two"), List.of("one")));

        assertThat(ledger.broken()).containsOnlyKeys(Rule.ORPHAN_CHUNKS);
        assertThat(ledger.differences().get(0).detail()).contains("two").doesNotContain("one");
    }

    @Test
    void acceptsChunksOfObjects() {
        StateStores.compareOrphans(ledger, StateStores.orphans(List.of("$O.files.C.one"), List.of("one", "empty")));

        assertThat(ledger.broken()).isEmpty();
    }

    private void upload(long seed, boolean acknowledged) {
        objects.began("o", seed);
        objects.ended("o", seed, acknowledged);
    }

    private void put(String key, long revision, String value) throws JsonProcessingException {
        take(
                "message",
                "{\"key\":\"%s\",\"revision\":%d,\"operation\":\"put\",\"value\":\"%s\"}"
                        .formatted(key, revision, value));
    }

    private void delete(String key, long revision) throws JsonProcessingException {
        take("message", "{\"key\":\"%s\",\"revision\":%d,\"operation\":\"delete\"}".formatted(key, revision));
    }

    private void gap(String data) throws JsonProcessingException {
        take("gap", data);
    }

    private void take(String type, String data) throws JsonProcessingException {
        watch.take(type, new ObjectMapper().readTree(data));
    }
}
