package dev.sluice.events;

import com.google.re2j.Pattern;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Validity;
import dev.sluice.nats.CoreSubscriptions;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.nats.TestLinks;
import dev.sluice.nats.TestSubscriptions;
import dev.sluice.stream.bucket.BucketName;
import dev.sluice.stream.replay.ReplayStart;
import dev.sluice.stream.replay.TestReplay;
import dev.sluice.support.NatsServer;
import dev.sluice.support.SseClient;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@link TailService} with a bare HTTP server, so that each test starts quickly with its own configuration. */
final class TailsServer implements AutoCloseable {
    private static final int SEND_BUFFER = 64 * 1024;

    final TailService tails;
    private final NatsLinks links;
    private final Vertx vertx = Vertx.vertx();
    private final int port;

    /** @param keys keys of {@code sluice.events}, without the prefix */
    TailsServer(NatsServer nats, Map<String, String> keys) {
        this(nats, Map.of(), keys);
    }

    /** @param natsKeys keys of {@code sluice.nats}, without the prefix */
    TailsServer(NatsServer nats, Map<String, String> natsKeys, Map<String, String> keys) {
        this(TestLinks.to(nats, natsKeys), keys);
    }

    TailsServer(NatsLinks links, Map<String, String> keys) {
        this.links = links;
        EventsConfig config = config(keys);
        tails = new TailService(
                config,
                new CoreSubscriptions(links, TestSubscriptions.config(Map.of())),
                TestReplay.through(links),
                new FilterWorkers(config));
        HttpServer http = vertx.createHttpServer(new HttpServerOptions().setSendBufferSize(SEND_BUFFER))
                .requestHandler(this::open)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        port = http.actualPort();
    }

    /**
     * Serves {@code lines} on a port of its own and returns it.
     *
     * @param writing receives the threads that write to the responses
     */
    int serve(Multi<byte[]> lines, Set<Thread> writing) {
        return vertx.createHttpServer()
                .requestHandler(request -> tails.open(
                                "lines", lines, recorded(request.response(), writing), Validity.until(Instant.MAX))
                        .subscribe()
                        .with(begun -> {}))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private static HttpServerResponse recorded(HttpServerResponse response, Set<Thread> writing) {
        return (HttpServerResponse) Proxy.newProxyInstance(
                TailsServer.class.getClassLoader(),
                new Class<?>[] {HttpServerResponse.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("write")) {
                        writing.add(Thread.currentThread());
                    }
                    return method.invoke(response, arguments);
                });
    }

    boolean reachable() {
        return links.publishing().up() && links.consuming().up();
    }

    int port() {
        return port;
    }

    /** Opens a tail and waits until its subscription is active. */
    SseClient client(String query) {
        return SseClient.connected(port, query);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        links.close();
    }

    private void open(HttpServerRequest request) {
        Uni.createFrom()
                .deferred(() -> tails.open(requested(request), request.response(), Validity.until(Instant.MAX)))
                .subscribe()
                .with(begun -> {}, failure -> reject(request, failure));
    }

    private static void reject(HttpServerRequest request, Throwable failure) {
        String kind = failure instanceof SluiceException known ? known.failure() + ": " : "";
        request.response().setStatusCode(503).end(kind + failure.getMessage());
    }

    /**
     * {@code start}: {@code all}, {@code last-per-subject}, {@code tail:N}, {@code seq:N}, {@code time:T} or an ID.
     * {@code bucket}: watches all keys of this bucket.
     */
    private static TailRequest requested(HttpServerRequest request) {
        if (request.params().contains("bucket")) {
            BucketName bucket = new BucketName(request.getParam("bucket"));
            return TailRequest.watch(
                    bucket,
                    SubjectSet.of(List.of(new SubjectPattern(bucket + ".>"))),
                    true,
                    Optional.ofNullable(request.getParam("start"))
                            .map(TailsServer::start)
                            .orElse(ReplayStart.Edge.LAST_PER_SUBJECT));
        }
        List<SubjectPattern> subjects = request.params().getAll("subject").stream()
                .map(SubjectPattern::new)
                .toList();
        Optional<String> start = Optional.ofNullable(request.getHeader("Last-Event-ID"))
                .or(() -> Optional.ofNullable(request.getParam("start")));
        return new TailRequest(
                SubjectSet.of(subjects),
                new MessageFilter(
                        request.params().getAll("contains"),
                        request.params().getAll("match").stream()
                                .map(Pattern::compile)
                                .toList(),
                        List.of(),
                        List.of()),
                request.params().contains("raw") ? EventFormat.RAW : EventFormat.JSON,
                request.params().contains("core") ? TailRequest.Source.CORE : TailRequest.Source.ANY,
                start.map(TailsServer::start),
                Optional.ofNullable(request.getParam("queue")));
    }

    private static ReplayStart start(String text) {
        int colon = text.indexOf(':');
        return switch (colon < 0 ? text : text.substring(0, colon)) {
            case "all" -> ReplayStart.Edge.ALL;
            case "last-per-subject" -> ReplayStart.Edge.LAST_PER_SUBJECT;
            case "tail" -> new ReplayStart.LastMessages(Long.parseLong(text.substring(colon + 1)));
            case "time" -> new ReplayStart.Time(Instant.parse(text.substring(colon + 1)));
            case "seq" -> new ReplayStart.Sequence(Long.parseLong(text.substring(colon + 1)));
            default -> EventId.parse(text, "start").after();
        };
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
