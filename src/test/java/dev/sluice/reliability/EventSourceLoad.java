package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.SseClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client of an event stream that behaves like an EventSource: it reads as fast as it can and reconnects with its last
 * event ID.
 */
abstract class EventSourceLoad implements Load {
    /** A comment arrives every 15 s. An event stream that delivers nothing for longer than this is dead. */
    private static final Duration DEAD = Duration.ofSeconds(40);

    private static final int PAUSE_MILLIS = 500;

    private final Ledger ledger;
    private final String name;
    private final int port;
    private final String target;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;
    private volatile SseClient client;
    private String lastId = "";
    private int connections;

    /** @param target path and query of the event stream */
    EventSourceLoad(Ledger ledger, String name, int port, String target) {
        this.ledger = ledger;
        this.name = name;
        this.port = port;
        this.target = target;
        thread = new Thread(this::run, name);
    }

    /** Takes an event of this type. */
    abstract void take(String type, JsonNode data);

    /** Called when a connection has ended. */
    void disconnected() {}

    final Ledger ledger() {
        return ledger;
    }

    final String name() {
        return name;
    }

    final int connections() {
        return connections;
    }

    @Override
    public final void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (over.getCount() > 0) {
            long began = ledger.now();
            try (HttpExchange exchange = new HttpExchange(port).within(DEAD)) {
                connections++;
                String resume = lastId.isEmpty() ? "" : "Last-Event-ID: " + lastId + "\r\n";
                client = SseClient.of(exchange.send("GET " + target
                        + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + resume + "\r\n"));
                read(exchange);
            } catch (UncheckedIOException | AssertionError cut) {
                if (over.getCount() > 0) {
                    ledger.broke(name, String.valueOf(cut.getMessage()), began);
                }
            }
            disconnected();
            pause();
        }
    }

    private void read(HttpExchange exchange) {
        if (exchange.status() != 200) {
            boolean later = exchange.status() == 503 && exchange.header("Retry-After") != null;
            if (!later) {
                ledger.found(
                        Rule.REFUSED_TAIL,
                        name + " gets " + exchange.status() + " at " + FaultLog.seconds(ledger.now()) + ": "
                                + exchange.body());
            }
            return;
        }
        for (SseClient.Frame frame = client.next(); frame != null; frame = client.next()) {
            frame.field("id").forEach(id -> lastId = id);
            take(frame.type(), Json.read(frame.data()));
        }
    }

    private void pause() {
        try {
            over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public final void stop() {
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
}
