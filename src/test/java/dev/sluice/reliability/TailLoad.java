package dev.sluice.reliability;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.SseClient;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A tail that behaves like an EventSource: it reads as fast as it can and reconnects with its last event ID. */
final class TailLoad implements Load {
    /** A comment arrives every 15 s. A tail that receives nothing for longer than this is dead. */
    private static final Duration DEAD = Duration.ofSeconds(40);

    private static final int PAUSE_MILLIS = 500;

    private final Ledger ledger;
    private final Ledger.Tail tail;
    private final int port;
    private final String query;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "tail");
    private volatile SseClient client;
    private String lastId = "";
    private int connections;

    /** Creates a tail of {@code subject}, which covers all subjects of the stream, from the first message on. */
    TailLoad(Ledger ledger, String name, int port, String subject) {
        this.ledger = ledger;
        this.tail = ledger.tail(name);
        this.port = port;
        query = "?subject=" + subject + "&from=all&source=stream";
    }

    @Override
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    Ledger.Tail book() {
        return tail;
    }

    private void run() {
        while (over.getCount() > 0) {
            long began = ledger.now();
            try (HttpExchange exchange = new HttpExchange(port).within(DEAD)) {
                connections++;
                String resume = lastId.isEmpty() ? "" : "Last-Event-ID: " + lastId + "\r\n";
                client = SseClient.open(exchange, query, resume);
                read(exchange);
            } catch (UncheckedIOException | AssertionError cut) {
                if (over.getCount() > 0) {
                    ledger.broke(tail.name(), String.valueOf(cut.getMessage()), began);
                }
            }
            tail.excused();
            pause();
        }
    }

    private void read(HttpExchange exchange) {
        if (exchange.status() != 200) {
            boolean later = exchange.status() == 503 && exchange.header("Retry-After") != null;
            if (!later) {
                ledger.found(
                        Rule.REFUSED_TAIL,
                        tail.name() + " gets " + exchange.status() + " at " + FaultLog.seconds(ledger.now()) + ": "
                                + exchange.body());
            }
            return;
        }
        for (SseClient.Frame frame = client.next(); frame != null; frame = client.next()) {
            frame.field("id").forEach(id -> lastId = id);
            take(frame);
        }
    }

    private void take(SseClient.Frame frame) {
        JsonNode data = Json.read(frame.data());
        switch (frame.type()) {
            case "message" ->
                tail.event(data.path("seq").asLong(), data.path("data").asText());
            case "status" -> {
                if (data.path("nats").asText().equals("connected")) {
                    tail.connected();
                } else {
                    tail.excused();
                }
            }
            case "gap" -> {
                if (data.has("from")) {
                    tail.gap(data.path("from").asLong(), data.path("to").asLong());
                } else {
                    tail.recreated();
                }
            }
            case "dropped" -> tail.dropped(data.path("count").asLong());
            case "closed" -> tail.excused();
            default -> {}
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
        return "Tail " + tail.name() + ": " + tail.events() + " events over " + connections + " connections, "
                + tail.lag();
    }
}
