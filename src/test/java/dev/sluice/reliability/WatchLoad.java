package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.SseClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A watch of all keys of a bucket, which reconnects with its last event ID, as an EventSource does. */
final class WatchLoad implements Load {
    /** A comment arrives every 15 s. A watch that receives nothing for longer than this is dead. */
    private static final Duration DEAD = Duration.ofSeconds(40);

    private static final int PAUSE_MILLIS = 500;

    private final Ledger ledger;
    private final String name;
    private final int port;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "watch");
    private final Map<String, Long> revisions = new ConcurrentHashMap<>();
    private final Map<String, String> values = new ConcurrentHashMap<>();
    private final List<Long> gaps = new CopyOnWriteArrayList<>();
    private volatile SseClient client;
    private String lastId = "";
    private int connections;
    private long events;

    WatchLoad(Ledger ledger, String name, int port) {
        this.ledger = ledger;
        this.name = name;
        this.port = port;
    }

    @Override
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (over.getCount() > 0) {
            long began = ledger.now();
            try (HttpExchange exchange = new HttpExchange(port).within(DEAD)) {
                connections++;
                String resume = lastId.isEmpty() ? "" : "Last-Event-ID: " + lastId + "\r\n";
                client = SseClient.of(exchange.send("GET /v1/buckets/" + StateStores.BUCKET
                        + "/events HTTP/1.1\r\nHost: localhost\r\n" + resume + "\r\n"));
                read(exchange);
            } catch (UncheckedIOException | AssertionError cut) {
                if (over.getCount() > 0) {
                    ledger.broke(name, String.valueOf(cut.getMessage()), began);
                }
            }
            try {
                over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void read(HttpExchange exchange) {
        if (exchange.status() != 200) {
            if (exchange.status() != 503 || exchange.header("Retry-After") == null) {
                ledger.found(Rule.REFUSED_TAIL, name + " gets " + exchange.status() + ": " + exchange.body());
            }
            return;
        }
        for (SseClient.Frame frame = client.next(); frame != null; frame = client.next()) {
            frame.field("id").forEach(id -> lastId = id);
            JsonNode data = Json.read(frame.data());
            if (frame.type().equals("message")) {
                take(data);
            } else if (frame.type().equals("gap")) {
                gap(data);
            }
        }
    }

    private void take(JsonNode entry) {
        events++;
        String key = entry.path("key").textValue();
        long revision = entry.path("revision").longValue();
        long before = revisions.getOrDefault(key, 0L);
        if (revision <= before) {
            ledger.found(Rule.WATCH_WENT_BACK, name + ": " + key + " is at " + revision + " after " + before);
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
            ledger.found(Rule.UNFOUNDED_GAP, name + ": " + gap);
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
            ledger.found(Rule.WATCH_MISSED_STATE, name + " has " + wrong + " in place of " + missing);
        }
        gaps.stream()
                .filter(to -> to >= first)
                .forEach(to -> ledger.found(
                        Rule.UNFOUNDED_GAP, name + ": up to " + to + ", but the bucket begins at " + first));
    }

    @Override
    public void stop() {
        over.countDown();
        SseClient open = client;
        if (open != null) {
            open.close();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "Watch " + name + ": " + events + " events over " + connections + " connections, " + gaps.size()
                + " gaps";
    }
}
