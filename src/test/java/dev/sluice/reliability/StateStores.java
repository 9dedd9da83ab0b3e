package dev.sluice.reliability;

import io.nats.client.Connection;
import io.nats.client.KeyValue;
import io.nats.client.ObjectStore;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.Subject;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;

/** A bucket and an object store under load, and the comparison of both with the responses to their clients. */
final class StateStores {
    static final String BUCKET = "state";
    static final String STORE = "files";
    static final String COUNTER = "counter";
    static final String BUCKET_STREAM = "KV_" + BUCKET;
    static final String STORE_STREAM = "OBJ_" + STORE;
    private static final String CHUNKS = "$O." + STORE + ".C.";

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Harness harness;
    private final Connection nats;
    private final IncrementLoad increments;
    private final ObjectLoad objects;
    private final List<WatchLoad> watches;

    /** Lets the instances sweep often enough for a scenario. */
    static Harness.Builder swept(Harness.Builder builder) {
        return builder.with("SLUICE_OBJECT_SWEEP_INTERVAL", "2s").with("SLUICE_OBJECT_SWEEP_AGE", "10s");
    }

    /** Creates the stores and starts all loads. */
    StateStores(Harness harness) {
        this.harness = harness;
        this.nats = harness.connection();
        int replicas = harness.cluster() == null ? 1 : 3;
        Awaitility.await().atMost(TIMEOUT).ignoreExceptions().until(() -> create(replicas));
        Ledger ledger = harness.ledger();
        int port = harness.port();
        watches = List.of(new WatchLoad(ledger, "watch-0", port), new WatchLoad(ledger, "watch-1", port));
        increments = new IncrementLoad(ledger, port, 4);
        objects = new ObjectLoad(ledger, port, 2);
        watches.forEach(harness::load);
        harness.load(new KeyLoad(ledger, port, 2)).load(increments).load(objects);
    }

    private boolean create(int replicas) throws Exception {
        nats.keyValueManagement()
                .create(KeyValueConfiguration.builder(BUCKET).replicas(replicas).build());
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(STORE)
                        .replicas(replicas)
                        .build());
        return nats.keyValue(BUCKET).put(COUNTER, "0") > 0;
    }

    /** Compares the stores with the responses to their clients. The loads that write have ended. */
    void compare() {
        try {
            Map<String, String> values = values();
            Harness.quiet("the watches", () -> watches.stream().allMatch(watch -> watch.knows(values)));
            long first = nats.jetStreamManagement()
                    .getStreamInfo(BUCKET_STREAM)
                    .getStreamState()
                    .getFirstSequence();
            watches.forEach(watch -> watch.compare(values, first));
            increments.compare(Long.parseLong(values.get(COUNTER)));
            compareObjects();
            Harness.quiet("the sweep", () -> orphans().isEmpty());
            compareOrphans(harness.ledger(), orphans());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> values() throws Exception {
        KeyValue bucket = nats.keyValue(BUCKET);
        Map<String, String> values = new HashMap<>();
        for (String key : bucket.keys()) {
            KeyValueEntry entry = bucket.get(key);
            values.put(key, entry.getValueAsString());
        }
        return values;
    }

    private void compareObjects() throws Exception {
        ObjectStore store = nats.objectStore(STORE);
        for (String name : objects.possible().keySet()) {
            if (store.getList().stream()
                    .noneMatch(object -> object.getObjectName().equals(name))) {
                objects.missing(name);
                continue;
            }
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            store.get(name, content);
            objects.compare(name, content.toByteArray());
        }
    }

    private Set<String> orphans() throws Exception {
        List<String> chunks = nats
                .jetStreamManagement()
                .getStreamInfo(STORE_STREAM, StreamInfoOptions.filterSubjects(CHUNKS + ">"))
                .getStreamState()
                .getSubjects()
                .stream()
                .map(Subject::getName)
                .toList();
        return orphans(
                chunks,
                nats.objectStore(STORE).getList().stream()
                        .map(ObjectInfo::getNuid)
                        .toList());
    }

    /** Returns the ids of the chunks with these subjects that none of the objects has. */
    static Set<String> orphans(List<String> chunks, List<String> ofObjects) {
        Set<String> ids = new HashSet<>();
        chunks.forEach(subject -> ids.add(subject.substring(CHUNKS.length())));
        ofObjects.forEach(ids::remove);
        return ids;
    }

    /** Records chunks that belong to no object. */
    static void compareOrphans(Ledger ledger, Set<String> orphans) {
        if (!orphans.isEmpty()) {
            ledger.found(Rule.ORPHAN_CHUNKS, orphans.toString());
        }
    }
}
