package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A watch of all keys of a bucket. */
final class WatchLoad extends EventSourceLoad {
    private final Map<String, Long> revisions = new ConcurrentHashMap<>();
    private final Map<String, String> values = new ConcurrentHashMap<>();
    private final List<Long> gaps = new CopyOnWriteArrayList<>();
    private long events;

    WatchLoad(Ledger ledger, String name, int port) {
        super(ledger, name, port, "/v1/buckets/" + StateStores.BUCKET + "/events");
    }

    @Override
    void take(String type, JsonNode data) {
        if (type.equals("message")) {
            take(data);
        } else if (type.equals("gap")) {
            gap(data);
        }
    }

    private void take(JsonNode entry) {
        events++;
        String key = entry.path("key").textValue();
        long revision = entry.path("revision").longValue();
        long before = revisions.getOrDefault(key, 0L);
        if (revision <= before) {
            ledger().found(Rule.WATCH_WENT_BACK, name() + ": " + key + " is at " + revision + " after " + before);
        }
        revisions.put(key, revision);
        if (entry.path("operation").textValue().equals("put")) {
            values.put(key, entry.path("value").textValue());
        } else {
            values.remove(key);
        }
    }

    private void gap(JsonNode gap) {
        if (gap.has("to")) {
            long to = gap.path("to").longValue();
            gaps.add(to);
            values.keySet().removeIf(key -> revisions.get(key) <= to);
        } else {
            ledger().found(Rule.UNFOUNDED_GAP, name() + ": " + gap);
        }
    }

    /** Returns whether the watch knows these values, and no others. */
    boolean knows(Map<String, String> bucket) {
        return values.equals(bucket);
    }

    /** Compares what the watch knows with the bucket, whose first message is at {@code first}. */
    void compare(Map<String, String> bucket, long first) {
        if (!knows(bucket)) {
            Map<String, String> wrong = new TreeMap<>(values);
            wrong.entrySet().removeAll(bucket.entrySet());
            Map<String, String> missing = new TreeMap<>(bucket);
            missing.entrySet().removeAll(values.entrySet());
            ledger().found(Rule.WATCH_MISSED_STATE, name() + " has " + wrong + " in place of " + missing);
        }
        gaps.stream().filter(to -> to >= first).forEach(to -> ledger().found(
                        Rule.UNFOUNDED_GAP, name() + ": up to " + to + ", but the bucket begins at " + first));
    }

    @Override
    public String toString() {
        return "Watch " + name() + ": " + events + " events over " + connections() + " connections, " + gaps.size()
                + " gaps";
    }
}
