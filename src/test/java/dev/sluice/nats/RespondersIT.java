package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Responders that end while a request is in progress. */
class RespondersIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final ServiceDescription SERVICE = new ServiceDescription("slow", "1.0.0", "Takes its time");

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private Connection client;

    @BeforeEach
    void connect() throws Exception {
        client = Nats.connect(server.url());
        await().atMost(SOON).until(links.consuming()::up);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        links.close();
        server.close();
    }

    @Test
    void answersARequestInProgressBeforeItsConnectionCloses() throws Exception {
        Responders responders = serve(Duration.ofSeconds(20), Duration.ofMillis(500));
        CompletableFuture<Message> reply = ask(responders);

        responders.drain().await().atMost(SOON);
        links.close();

        assertThat(reply.get(SOON.toSeconds(), TimeUnit.SECONDS).getData())
                .asString()
                .isEqualTo("answer");
    }

    @Test
    void takesNoFurtherRequest() {
        Responders responders = serve(Duration.ofSeconds(20), Duration.ofMillis(1));
        responders.drain().await().atMost(SOON);

        CompletableFuture<Message> late = client.request("slow", new byte[0]);
        await().atMost(SOON).until(late::isCompletedExceptionally);
    }

    @Test
    void doesNotWaitLongerThanARequestMayTake() throws Exception {
        Responders responders = serve(Duration.ofMillis(500), Duration.ofHours(1));
        CompletableFuture<Message> reply = ask(responders);

        responders.drain().await().atMost(SOON);

        assertThat(reply.get(SOON.toSeconds(), TimeUnit.SECONDS).getData())
                .asString()
                .contains("too long");
    }

    private Responders serve(Duration timeout, Duration work) {
        Responders responders = new Responders(
                links, Settings.of(RespondConfig.class, Map.of("sluice.respond.timeout", timeout.toMillis() + "ms")));
        responders.serve(SERVICE, new Subject("slow"), request -> Uni.createFrom()
                .item("answer".getBytes(StandardCharsets.UTF_8))
                .onItem()
                .delayIt()
                .by(work));
        await().atMost(SOON).until(() -> client.request("$SRV.PING.slow", null, SOON) != null);
        return responders;
    }

    /** Sends a request and waits until the responder works on it. */
    private CompletableFuture<Message> ask(Responders responders) {
        CompletableFuture<Message> reply = client.request("slow", new byte[0]);
        await().atMost(SOON).until(() -> responders.inFlight() == 1);
        return reply;
    }
}
