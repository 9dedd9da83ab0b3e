package dev.sluice.events;

import io.netty.channel.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where event streams begin, whatever they show: says what comes first on each, keeps it alive, and knows who is there.
 * Each is begun and kept on the event loop of its response.
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
     * Begins the answer to a client that was admitted.
     *
     * @param source where its events come from; null as long as it is not known
     */
    SseConnection begin(String watched, HttpServerResponse response, Instant until, @Nullable String source) {
        writeHead(response);
        if (source != null) {
            response.putHeader("Sluice-Source", source);
        }
        Lifetime lifetime = Lifetime.of(config.lifetime(), until);
        SseConnection connection =
                new SseConnection(watched, response, config.clientBuffer().asLongValue(), lifetime);
        connection.write(ControlEvents.prelude(config.retry()));
        return connection;
    }

    /** Keeps {@code connection} alive until it is gone; then runs {@code cleanup}. */
    void keep(SseConnection connection, EventLoop loop, Runnable cleanup) {
        HeartbeatTimer timer = timers.computeIfAbsent(loop, key -> new HeartbeatTimer(key, config));
        timer.add(connection);
        connection.whenGone(() -> {
            timer.remove(connection);
            cleanup.run();
            limiter.left();
        });
        if (limiter.closing()) {
            timer.stop();
        }
    }

    /** A status other than 200 would keep an {@code EventSource} from ever coming back, so the stream opens and ends. */
    void sendAway(HttpServerResponse response) {
        writeHead(response);
        response.write(Buffer.buffer(ControlEvents.prelude(config.retry())));
        response.end(Buffer.buffer(ControlEvents.closed(CloseReason.SHUTDOWN)));
    }

    /** Ends an answer that has nothing but the head of a stream. */
    void describe(HttpServerResponse response) {
        writeHead(response);
        response.end();
    }

    /** Lets nobody in any more and tells everybody to reconnect; done when all have left or {@code limit} is over. */
    Uni<Void> close(Duration limit) {
        Uni<Void> allLeft = limiter.close(limit);
        timers.values().forEach(HeartbeatTimer::stop);
        return allLeft;
    }

    private static void writeHead(HttpServerResponse response) {
        response.setChunked(true);
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream;charset=UTF-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform")
                .putHeader("X-Accel-Buffering", "no")
                .putHeader("X-Content-Type-Options", "nosniff");
    }
}
