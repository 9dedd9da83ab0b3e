package dev.sluice.reliability;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.SseClient;
import io.nats.client.Connection;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Publishes timestamped messages directly to NATS and measures their latency at clients of the service. */
final class Beat implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final List<Watcher> watchers = new ArrayList<>();
    private final long timer;
    private volatile Percentiles lag = new Percentiles();

    Beat(Connection connection, String subject, int perSecond, int size) {
        String padding = "x".repeat(size);
        timer = Caller.vertx()
                .setPeriodic(
                        1_000L / perSecond,
                        id -> connection.publish(
                                subject, (System.nanoTime() + " " + padding).getBytes(StandardCharsets.UTF_8)));
    }

    /** @param headers header lines, each terminated by CRLF */
    Beat watch(int port, String query, String headers) {
        Watcher watcher = new Watcher(port, query, headers);
        watchers.add(watcher);
        watcher.thread.start();
        return this;
    }

    /** Measures the latency of the next {@code count} events of all watchers. */
    Percentiles measure(long count) {
        Percentiles next = new Percentiles();
        lag = next;
        Awaitility.await(count + " events").atMost(TIMEOUT).until(() -> next.count() >= count);
        lag = new Percentiles();
        return next;
    }

    @Override
    public void close() {
        Caller.vertx().cancelTimer(timer);
        watchers.forEach(Watcher::stop);
    }

    private final class Watcher {
        private final HttpExchange exchange;
        private final String query;
        private final String headers;
        private final Thread thread = new Thread(this::run, "watcher");
        private volatile boolean over;

        Watcher(int port, String query, String headers) {
            exchange = new HttpExchange(port).within(TIMEOUT);
            this.query = query;
            this.headers = headers;
            thread.setDaemon(true);
        }

        private void run() {
            try {
                SseClient client = SseClient.open(exchange, query, headers);
                if (exchange.status() != 200) {
                    throw new IllegalStateException(exchange.status() + ": " + exchange.body());
                }
                for (SseClient.Frame frame = client.next(); frame != null; frame = client.next()) {
                    if (frame.type().equals("message")) {
                        String text = Json.read(frame.data()).path("data").asText();
                        long sent = Long.parseLong(text.substring(0, text.indexOf(' ')));
                        lag.add(System.nanoTime() - sent);
                    }
                }
            } catch (UncheckedIOException | AssertionError ended) {
                if (!over) {
                    throw ended;
                }
            }
        }

        void stop() {
            over = true;
            exchange.close();
        }
    }
}
