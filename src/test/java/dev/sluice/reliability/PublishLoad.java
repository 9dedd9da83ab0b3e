package dev.sluice.reliability;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpVersion;

/**
 * Stored publishes, one per request. Every second one has a client's message ID and is repeated until it is stored; the
 * others are sent once.
 */
final class PublishLoad extends PacedLoad {
    /** Equal to the number of HTTP/1.1 connections, so that no request waits for a connection. */
    private static final int AT_ONCE = 64;

    private static final int PAUSE_MILLIS = 250;

    private final Caller caller;
    private final Ledger ledger;
    private final HttpVersion version;
    private final int size;

    PublishLoad(Ledger ledger, int port, HttpVersion version, double perSecond, int size) {
        super(perSecond, AT_ONCE);
        this.ledger = ledger;
        this.version = version;
        this.size = size;
        caller = Caller.of(version, port, AT_ONCE);
    }

    @Override
    void begin() {
        long message = ledger.sent();
        attempt(message, message % 2 == 0);
    }

    private void attempt(long message, boolean careful) {
        long began = ledger.now();
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (careful) {
            headers.add("Nats-Msg-Id", "m" + message);
        }
        caller.post("/v1/publish/load.m.single." + message % 7, "text/plain", text(message), headers)
                .onSuccess(reply -> {
                    ledger.answered(message, reply.status(), sequence(reply), reply.retryAfter(), began);
                    againOrEnd(message, careful);
                })
                .onFailure(failure -> {
                    ledger.unanswered(message, String.valueOf(failure), began);
                    againOrEnd(message, careful);
                });
    }

    private Buffer text(long message) {
        return Buffer.buffer(Ledger.text(message, size));
    }

    private void againOrEnd(long message, boolean careful) {
        if (careful && running() && !ledger.settled(message)) {
            later(PAUSE_MILLIS, () -> attempt(message, true));
        } else {
            ended();
        }
    }

    private static long sequence(Caller.Reply reply) {
        return reply.status() == 200 || reply.status() == 201
                ? Json.read(reply.body()).path("seq").asLong()
                : 0;
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
