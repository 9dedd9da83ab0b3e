package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Bulk publishes, alternately with a content length and chunked. Lines that are not stored are sent again. */
final class BulkLoad extends PacedLoad {
    private static final String NDJSON = "application/x-ndjson";
    private static final int AT_ONCE = 8;
    private static final int PAUSE_MILLIS = 250;

    private final AtomicLong turn = new AtomicLong();
    private final Caller caller;
    private final Ledger ledger;
    private final HttpVersion version;
    private final int lines;

    BulkLoad(Ledger ledger, int port, HttpVersion version, double perSecond, int lines) {
        super(perSecond, AT_ONCE);
        this.ledger = ledger;
        this.version = version;
        this.lines = lines;
        caller = Caller.of(version, port, AT_ONCE);
    }

    @Override
    void begin() {
        List<Long> messages = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            messages.add(ledger.sent());
        }
        attempt(messages);
    }

    private void attempt(List<Long> messages) {
        long began = ledger.now();
        List<Buffer> chunks =
                messages.stream().map(message -> Buffer.buffer(line(message))).toList();
        post(chunks)
                .onSuccess(reply -> {
                    taken(messages, reply, began);
                    againOrEnd(messages);
                })
                .onFailure(failure -> {
                    ledger.broke("a bulk publish from m" + messages.get(0) + " on", String.valueOf(failure), began);
                    againOrEnd(messages);
                });
    }

    private Future<Caller.Reply> post(List<Buffer> chunks) {
        if (turn.incrementAndGet() % 2 == 0) {
            return caller.postChunks("/v1/publish", NDJSON, chunks);
        }
        Buffer whole = Buffer.buffer();
        chunks.forEach(whole::appendBuffer);
        return caller.post("/v1/publish", NDJSON, whole, MultiMap.caseInsensitiveMultiMap());
    }

    private void taken(List<Long> messages, Caller.Reply reply, long began) {
        if (reply.status() != 200) {
            ledger.answered("a bulk publish over " + version, reply.status(), reply.retryAfter());
            return;
        }
        Map<Integer, JsonNode> receipts = new HashMap<>();
        for (String line : reply.body().split("\n")) {
            JsonNode receipt = Json.read(line);
            receipts.put(receipt.path("line").intValue(), receipt);
        }
        for (int i = 0; i < messages.size(); i++) {
            JsonNode receipt = receipts.get(i + 1);
            if (receipt == null) {
                ledger.found(
                        Rule.MISSING_RECEIPT,
                        "line " + (i + 1) + " of " + messages.size() + ", m" + messages.get(i) + ", over " + version
                                + ", begun at " + FaultLog.seconds(began));
            } else {
                boolean retryAfter = receipt.path("problem").has("retry_after_ms");
                ledger.answered(
                        messages.get(i),
                        receipt.path("status").intValue(),
                        receipt.path("seq").asLong(),
                        retryAfter,
                        began);
            }
        }
    }

    private void againOrEnd(List<Long> messages) {
        List<Long> left =
                messages.stream().filter(message -> !ledger.settled(message)).toList();
        if (running() && !left.isEmpty()) {
            later(PAUSE_MILLIS, () -> attempt(left));
        } else {
            ended();
        }
    }

    private static String line(long message) {
        return "{\"subject\":\"load.m.bulk." + message % 5 + "\",\"id\":\"m" + message + "\",\"data\":\""
                + Ledger.text(message, 60) + "\"}\n";
    }

    @Override
    void close() {
        caller.close();
    }

    @Override
    public String toString() {
        return version + " " + super.toString();
    }
}
