package dev.sluice.http.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Answer;
import dev.sluice.http.TestStore;
import dev.sluice.stream.object.ObjectStores;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SweepingResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** An upload whose bytes arrive one by one, each within the timeout of a body, while the sweep removes old chunks. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SweepingResource.class, restrictToAnnotatedClass = true)
class SlowUploadIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration BETWEEN_BYTES = Duration.ofMillis(200);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    ObjectStores stores;

    @Test
    void endsBeforeASweepCouldRemoveItsChunks() {
        long swept = stores.counters().swept();
        try (TestStore store = new TestStore(server);
                HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("PUT " + store.path("a") + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n")
                    .send(new byte[stores.chunkSize()]);
            await().atMost(SOON).until(() -> store.messages() == 1);
            CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> Answer.of(exchange));

            await().atMost(SOON).pollInterval(BETWEEN_BYTES).until(() -> {
                if (!answer.isDone()) {
                    exchange.send("x");
                }
                return answer.isDone();
            });

            answer.join().isProblem(408, "request-timeout").saying("sluice.object.sweep.age");
            assertThat(exchange.header("Connection")).isEqualToIgnoringCase("close");
            await().atMost(SOON).until(() -> store.messages() == 0);
        }
        assertThat(stores.counters().swept()).isEqualTo(swept);
    }
}
