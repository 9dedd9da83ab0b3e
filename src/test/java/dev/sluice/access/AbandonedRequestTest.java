package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.Settings;
import io.github.bucket4j.TimeMeter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that disconnects during authentication leaves no open request, fetch or filter behind. */
class AbandonedRequestTest {
    private static final Caller CALLER =
            new Caller(new Identity("somebody", "somebody", Set.of(), "", 0, null), Permissions.EVERYTHING);

    private final RequestLimiter limiter = new RequestLimiter(
            Settings.of(
                    LimitsConfig.class,
                    Map.of(
                            "sluice.access.limits.open-requests", "1",
                            "sluice.access.limits.open-fetches", "1",
                            "sluice.access.limits.open-filters", "1",
                            "sluice.access.limits.instance-open-filters", "1")),
            new RejectionCounters(),
            TimeMeter.SYSTEM_NANOTIME);
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void releasesItsOpenRequest() throws Exception {
        afterTheClientLeft(request -> limiter.admit(CALLER, request));

        assertThatCode(limiter.quota(CALLER)::begin).doesNotThrowAnyException();
    }

    @Test
    void releasesItsFetch() throws Exception {
        afterTheClientLeft(request -> {
            limiter.admit(CALLER, request);
            OpenRequest.of(request).begin(AccessLimit.OPEN_FETCHES);
        });

        assertThatCode(() -> limiter.quota(CALLER).begin(AccessLimit.OPEN_FETCHES))
                .doesNotThrowAnyException();
    }

    @Test
    void releasesItsFilters() throws Exception {
        afterTheClientLeft(request -> {
            limiter.admit(CALLER, request);
            OpenRequest.of(request).beginFilters("logs", 1);
        });

        assertThatCode(() -> limiter.quota(CALLER).beginFilters("orders", 1)).doesNotThrowAnyException();
        assertThatCode(() -> limiter.beginFilters("orders", 1)).doesNotThrowAnyException();
    }

    private void afterTheClientLeft(Consumer<RoutingContext> work) throws Exception {
        CompletableFuture<RoutingContext> arrived = new CompletableFuture<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        Router router = Router.router(vertx);
        router.route().handler(request -> {
            request.request()
                    .connection()
                    .closeHandler(closed -> vertx.runOnContext(later -> {
                        try {
                            work.accept(request);
                            done.complete(null);
                        } catch (RuntimeException e) {
                            done.completeExceptionally(e);
                        }
                    }));
            arrived.complete(request);
        });
        HttpServer server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        try (HttpExchange client = new HttpExchange(server.actualPort())) {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(arrived.get(30, TimeUnit.SECONDS).response().closed()).isFalse();
        }
        done.get(30, TimeUnit.SECONDS);
    }
}
