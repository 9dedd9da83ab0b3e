package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sluice.reliability.Caller.NoReplyException;
import dev.sluice.reliability.Caller.Reply;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A worker over HTTP. It fetches messages and acks them with confirmation. Failed acks are repeated. */
final class FetchLoad implements Load {
    private static final String JSON = "application/json";
    private static final int PAUSE_MILLIS = 250;
    private static final int MAX_ATTEMPTS = 20;
    /**
     * After a kill the server does not reply to acks of deliveries that it had not persisted; it redelivers the
     * messages.
     */
    private static final int MAX_SILENCES = 2;
    /** Shorter than the timeout of an ack's confirmation. */
    private static final Duration SILENCE = Duration.ofSeconds(4);

    private final Ledger ledger;
    private final Caller caller;
    private final String name;
    private final String path;
    private final Buffer body;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "worker");
    private final AtomicLong fetches = new AtomicLong();
    private final AtomicLong fetched = new AtomicLong();

    FetchLoad(Ledger ledger, String name, int port, HttpVersion version, String stream, String consumer, int batch) {
        this.ledger = ledger;
        this.name = name;
        caller = Caller.of(version, port, 2);
        path = "/v1/streams/" + stream + "/consumers/" + consumer + "/";
        body = Buffer.buffer("{\"batch\":" + batch + ",\"expires\":\"2s\"}");
    }

    @Override
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (over.getCount() > 0) {
                fetch();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void fetch() throws InterruptedException {
        long began = ledger.now();
        Reply reply;
        try {
            reply = Caller.await(caller.post(path + "fetch", JSON, body, MultiMap.caseInsensitiveMultiMap()));
        } catch (NoReplyException e) {
            ledger.broke("a fetch of " + name, e.getMessage(), began);
            pause();
            return;
        }
        fetches.incrementAndGet();
        ledger.answered("a fetch of " + name, reply.status(), reply.retryAfter());
        if (reply.status() != 200) {
            pause();
            return;
        }
        Map<String, Long> tokens = new HashMap<>();
        for (JsonNode message : Json.read(reply.body()).path("messages")) {
            long number = Ledger.number(message.path("data").asText());
            ledger.delivered(
                    name,
                    number,
                    message.path("seq").asLong(),
                    message.path("delivered").asLong(),
                    began);
            tokens.put(message.path("ack_token").asText(), number);
        }
        fetched.addAndGet(tokens.size());
        if (tokens.isEmpty()) {
            ledger.nothing(began);
        } else {
            ack(tokens);
        }
    }

    /** Repeats failed acks. The server redelivers messages whose delivery the consumer no longer knows. */
    private void ack(Map<String, Long> tokens) throws InterruptedException {
        List<String> left = new ArrayList<>(tokens.keySet());
        int silences = 0;
        for (int attempt = 0;
                !left.isEmpty() && attempt < MAX_ATTEMPTS && silences < MAX_SILENCES && over.getCount() > 0;
                attempt++) {
            long began = ledger.now();
            try {
                Reply reply = Caller.await(
                        caller.post(path + "ack?confirm=true", JSON, acks(left), MultiMap.caseInsensitiveMultiMap()));
                ledger.answered("an ack of " + name, reply.status(), reply.retryAfter());
                if (reply.status() == 200) {
                    List<String> failed = Json.read(reply.body()).path("failed").findValuesAsText("token");
                    if (ledger.now() - began > SILENCE.toNanos()) {
                        silences++;
                    }
                    left.removeAll(failed);
                    left.forEach(token -> ledger.confirmed(tokens.get(token)));
                    left = failed;
                }
            } catch (NoReplyException e) {
                ledger.broke("an ack of " + name, e.getMessage(), began);
            }
            if (!left.isEmpty()) {
                pause();
            }
        }
    }

    private static Buffer acks(List<String> tokens) {
        ArrayNode acks = Json.MAPPER.createArrayNode();
        tokens.forEach(acks::add);
        return Buffer.buffer(Json.MAPPER.createObjectNode().set("acks", acks).toString());
    }

    private void pause() throws InterruptedException {
        over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        over.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        caller.close();
    }

    @Override
    public String toString() {
        return "Worker " + name + ": " + fetched + " messages in " + fetches + " fetches";
    }
}
