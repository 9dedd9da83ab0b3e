package dev.sluice.events;

import dev.sluice.failure.SluiceException;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.TestLinks;
import dev.sluice.nats.TestSubscriptions;
import dev.sluice.support.NatsServer;
import dev.sluice.support.SseClient;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link Tails} behind a bare HTTP server, so that each test has the configuration it needs at once. */
final class TailsServer implements AutoCloseable {
    final Tails tails;
    private final NatsLinks links;
    private final Vertx vertx = Vertx.vertx();
    private final int port;

    /** {@code keys} are those of {@code sluice.events}, without the prefix. */
    TailsServer(NatsServer nats, Map<String, String> keys) {
        links = TestLinks.to(nats);
        tails = new Tails(config(keys), new CoreSubscriptions(links, TestSubscriptions.config(Map.of())));
        HttpServer http = vertx.createHttpServer()
                .requestHandler(this::open)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        port = http.actualPort();
    }

    int port() {
        return port;
    }

    /** A client that NATS knows of when this returns. */
    SseClient client(String query) {
        return SseClient.connected(port, query);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        links.close();
    }

    private void open(HttpServerRequest request) {
        List<SubjectPattern> subjects = request.params().getAll("subject").stream()
                .map(SubjectPattern::new)
                .toList();
        EventFormat format = request.params().contains("raw") ? EventFormat.RAW : EventFormat.JSON;
        Optional<String> group = Optional.ofNullable(request.getParam("queue"));
        try {
            tails.open(new TailRequest(SubjectSet.of(subjects), format, group), request.response(), Instant.MAX);
        } catch (SluiceException refused) {
            request.response().setStatusCode(503).end(refused.failure().name());
        }
    }

    private static EventsConfig config(Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        keys.forEach((key, value) -> properties.put("sluice.events." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withMapping(EventsConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(EventsConfig.class);
    }
}
