package dev.sluice.events;

import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections of tails of any source: writes their first frame, keeps them open and tracks which are. Each
 * connection is opened and kept on the event loop of its response.
 */
final class SseConnectionFactory {
    private final EventsConfig config;
    private final Map<EventLoop, HeartbeatTimer> timers = new ConcurrentHashMap<>();
    private final ConnectionLimiter limiter;

    SseConnectionFactory(EventsConfig config) {
        this.config = config;
        this.limiter = new ConnectionLimiter(config.maxConnections());
    }

    ConnectionLimiter limiter() {
        return limiter;
    }

    /**
     * Begins the response to an admitted client. Call {@link #keep} next.
     *
     * @param description what is tailed, for the log
     * @param source source of the events, reported to the client; null if not known yet
     */
    SseConnection open(String description, Admission client, @Nullable String source) {
        HttpServerResponse response = client.response();
        SseConnection connection = new SseConnection(description, client, config);
        if (connection.open()) {
            writeHead(response);
            if (source != null) {
                response.putHeader("Sluice-Source", source);
            }
            // An idle tail would keep the headers of its response for nothing.
            connection.write(ControlEvents.prelude(config.retry()), () -> response.headers()
                    .clear());
        }
        return connection;
    }

    /** Keeps {@code connection} open. When it is closed, runs {@code cleanup} and releases the permit of the client. */
    void keep(SseConnection connection, Admission client, Runnable cleanup) {
        HeartbeatTimer timer = timers.computeIfAbsent(client.loop(), key -> new HeartbeatTimer(key, config));
        timer.add(connection);
        Runnable release = client.release();
        connection.onClosed(() -> {
            timer.remove(connection);
            cleanup.run();
            release.run();
        });
        if (limiter.closing()) {
            timer.stop();
        }
    }

    /**
     * Opens and ends a tail during shutdown. With a status other than 200 an {@code EventSource} would never reconnect.
     */
    void closeAtOnce(HttpServerResponse response) {
        writeHead(response);
        response.write(Buffer.buffer(ControlEvents.prelude(config.retry())));
        response.end(Buffer.buffer(ControlEvents.closed(CloseReason.SHUTDOWN)));
    }

    /** Sends a response with only the head of a tail. */
    void describe(HttpServerResponse response) {
        writeHead(response);
        response.end();
    }

    /**
     * Admits no more clients and makes all clients reconnect. Completes when all have left, or after {@code limit}.
     */
    Uni<Void> close(Duration limit) {
        Uni<Void> allLeft = limiter.close(limit);
        timers.values().forEach(HeartbeatTimer::stop);
        return allLeft;
    }

    private static void writeHead(HttpServerResponse response) {
        response.setChunked(true);
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream;charset=UTF-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform")
                .putHeader("X-Accel-Buffering", "no");
    }
}
