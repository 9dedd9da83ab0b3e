package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.reliability.Caller.NoReplyException;
import dev.sluice.reliability.Caller.Reply;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Submits orders, repeats each under its ID until it is accepted, and reads its status. In the end every accepted order
 * must be processed, with one delivery if there was no fault.
 */
final class OrderLoad extends PacedLoad {
    private static final String JSON = "application/json";
    private static final int AT_ONCE = 16;
    private static final int PAUSE_MILLIS = 250;
    private static final List<String> STEPS = List.of("received", "processing", "processed");

    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, Long> accepted = new ConcurrentHashMap<>();
    private final Map<Long, Integer> steps = new ConcurrentHashMap<>();
    private final Map<Long, String> last = new ConcurrentHashMap<>();
    private final Ledger ledger;
    private final Caller caller;
    private final int port;

    OrderLoad(Ledger ledger, int port, double perSecond) {
        super(perSecond, AT_ONCE);
        this.ledger = ledger;
        this.port = port;
        caller = Caller.http1(port, AT_ONCE);
    }

    @Override
    void begin() {
        attempt(numbers.incrementAndGet());
    }

    private void attempt(long number) {
        long began = ledger.now();
        caller.post("/v1/orders", JSON, Buffer.buffer(order(number)), MultiMap.caseInsensitiveMultiMap())
                .onSuccess(reply -> {
                    ledger.answered("the order " + id(number), reply.status(), reply.retryAfter());
                    if (reply.status() == 201 || reply.status() == 200) {
                        accepted.putIfAbsent(number, ledger.now());
                        readStatus(number);
                    } else {
                        againOrEnd(number);
                    }
                })
                .onFailure(failure -> {
                    ledger.broke("the order " + id(number), String.valueOf(failure), began);
                    againOrEnd(number);
                });
    }

    private void readStatus(long number) {
        caller.get("/v1/orders/" + id(number))
                .onSuccess(reply -> {
                    ledger.answered("the status of " + id(number), reply.status(), reply.retryAfter());
                    if (reply.status() == 200) {
                        note(number, Json.read(reply.body()));
                    }
                })
                .onComplete(any -> ended());
    }

    private void againOrEnd(long number) {
        if (running()) {
            later(PAUSE_MILLIS, () -> attempt(number));
        } else {
            ended();
        }
    }

    private void note(long number, JsonNode state) {
        int step = STEPS.indexOf(state.path("status").asText());
        int before = steps.merge(number, step, Math::max);
        if (step == STEPS.size() - 1) {
            last.remove(number);
        } else if (step < 0 || step == before) {
            last.put(number, state.toString());
        }
        if (step < 0 || step < before || state.path("amount").asLong() != number) {
            ledger.found(Rule.WRONG_ORDER_STATUS, id(number) + " is " + state + " after step " + before);
        }
    }

    /** Returns the number of accepted orders that are not processed yet. Queries the status of each of them. */
    long open(Caller asking) throws InterruptedException {
        for (Long number : accepted.keySet()) {
            if (steps.getOrDefault(number, 0) < STEPS.size() - 1) {
                try {
                    Reply reply = Caller.await(asking.get("/v1/orders/" + id(number)));
                    if (reply.status() == 200) {
                        JsonNode state = Json.read(reply.body());
                        note(number, state);
                        compareDeliveries(number, state);
                    }
                } catch (NoReplyException notNow) {
                    break;
                }
            }
        }
        return accepted.keySet().stream()
                .filter(number -> steps.getOrDefault(number, 0) < STEPS.size() - 1)
                .count();
    }

    private void compareDeliveries(long number, JsonNode state) {
        long accepted = this.accepted.get(number);
        boolean calm = !ledger.faults()
                .disturbed(accepted, accepted + Duration.ofSeconds(30).toNanos());
        if (calm && state.path("deliveries").asLong() > 1) {
            ledger.found(Rule.DELIVERY_USED_UP, id(number) + " is " + state);
        }
    }

    /** Records the accepted orders that are not processed. */
    void compare() {
        accepted.forEach((number, at) -> {
            if (steps.getOrDefault(number, 0) < STEPS.size() - 1) {
                ledger.found(
                        Rule.UNPROCESSED_ORDER,
                        id(number) + ", accepted at " + FaultLog.seconds(at) + ", is "
                                + last.getOrDefault(number, "not known"));
            }
        });
    }

    int port() {
        return port;
    }

    private static String id(long number) {
        return "r-" + number;
    }

    private static String order(long number) {
        return "{\"order_id\":\"" + id(number) + "\",\"amount\":" + number + "}";
    }

    @Override
    void close() {
        caller.close();
    }

    @Override
    public String toString() {
        return super.toString() + ", " + accepted.size() + " accepted";
    }
}
