package dev.sluice.ops;

import dev.sluice.flow.ArrivalListener;
import dev.sluice.flow.RequestPath;
import dev.sluice.flow.ResponseEnd;
import dev.sluice.http.DeclaredPaths;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Records rate, errors and duration of HTTP requests, by method, path template and status. Replaces the meters of
 * Quarkus, which create the tags and look up the timer for each request: a tenth of the CPU of a publish.
 *
 * <p>The number of timers is bounded: a method, path or status that a client could invent is {@code OTHER}.
 */
@Singleton
final class HttpMeters implements ArrivalListener {
    private static final String OTHER = "OTHER";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    /** Status of a response that the client did not wait for. */
    private static final int RESET = 0;

    private record Series(String method, String uri, int status) {}

    private final MeterRegistry registry;
    private final DeclaredPaths paths;
    private final Map<Series, Timer> timers = new ConcurrentHashMap<>();
    private final LongAdder active = new LongAdder();

    @Inject
    HttpMeters(MeterRegistry registry, DeclaredPaths paths, ClientConnections connections) {
        this.registry = registry;
        this.paths = paths;
        new MeterBinding<>(registry, active)
                .gauge("http.server.active.requests", "Requests that are served now, tails included", LongAdder::sum);
        new MeterBinding<>(registry, connections)
                .gauge(
                        "http.server.active.connections",
                        "Open connections on which a request has arrived",
                        ClientConnections::count);
    }

    @Override
    public void arrived(RoutingContext exchange) {
        long begun = System.nanoTime();
        active.increment();
        ResponseEnd.whenEnded(exchange, complete -> {
            active.decrement();
            timer(exchange, complete).record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
        });
    }

    private Timer timer(RoutingContext exchange, boolean complete) {
        String method = exchange.request().method().name();
        Series series = new Series(
                METHODS.contains(method) ? method : OTHER,
                uri(exchange),
                complete ? exchange.response().getStatusCode() : RESET);
        Timer known = timers.get(series);
        return known == null ? timers.computeIfAbsent(series, this::register) : known;
    }

    private String uri(RoutingContext exchange) {
        try {
            String template = paths.template(exchange);
            if (template != null) {
                return template;
            }
            return RequestPath.belowRoot(exchange).equals("/") ? "root" : OTHER;
        } catch (IllegalArgumentException undecodable) {
            return OTHER;
        }
    }

    private Timer register(Series series) {
        boolean reset = series.status() == RESET;
        return LatencyTimers.timer("http.server.requests", "Requests, from their head to the end of their response")
                .tag("method", series.method())
                .tag("uri", series.uri())
                .tag("status", reset ? "RESET" : Integer.toString(series.status()))
                .tags(List.of((reset ? Outcome.CLIENT_ERROR : Outcome.forStatus(series.status())).asTag()))
                .register(registry);
    }
}
