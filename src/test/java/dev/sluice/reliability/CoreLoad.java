package dev.sluice.reliability;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** Publishes to core NATS (at most once). A subscriber that is connected directly to NATS records the messages. */
final class CoreLoad extends PacedLoad {
    private static final int AT_ONCE = 16;

    private final Caller caller;
    private final Ledger ledger;
    private final Connection connection;
    private final Dispatcher subscriber;

    CoreLoad(Ledger ledger, int port, Connection connection, double perSecond) {
        super(perSecond, AT_ONCE);
        this.ledger = ledger;
        this.connection = connection;
        caller = Caller.http1(port, AT_ONCE);
        subscriber = connection.createDispatcher(message -> {
            long number = Ledger.number(new String(message.getData(), StandardCharsets.UTF_8));
            if (number > 0) {
                ledger.arrived(number);
            }
        });
        subscriber.subscribe("core.m.>");
    }

    @Override
    void begin() {
        long message = ledger.sent();
        long began = ledger.now();
        caller.post(
                        "/v1/publish/core.m.a?ack=none",
                        "text/plain",
                        Buffer.buffer(Ledger.text(message, 40)),
                        MultiMap.caseInsensitiveMultiMap())
                .onSuccess(reply -> ledger.answered(message, reply.status(), 0, reply.retryAfter(), began))
                .onFailure(failure -> ledger.unanswered(message, String.valueOf(failure), began))
                .onComplete(any -> ended());
    }

    /** Accepted messages may still be in flight to the subscriber. */
    @Override
    void close() {
        caller.close();
        Harness.quiet("the subscriber", ledger::acceptedHaveArrived);
        connection.closeDispatcher(subscriber);
    }
}
