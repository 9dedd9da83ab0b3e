package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Request/reply: the first reply, or the exact reason why there is none. */
@TestInstance(Lifecycle.PER_CLASS)
class RequesterIT {

    private final NatsServer server = NatsServer.started();
    private final NatsLink link = TestLinks.linkTo(server);
    private final Requester requester =
            new Requester(link, Settings.of(RequestConfig.class, Map.of("sluice.request.window", "100")));
    private Connection other;

    @BeforeAll
    void serve() throws IOException, InterruptedException, TimeoutException {
        other = Nats.connect(server.url());
        Dispatcher dispatcher = other.createDispatcher();
        dispatcher.subscribe("echo", message -> other.publish(message.getReplyTo(), message.getData()));
        dispatcher.subscribe("silent", message -> {});
        dispatcher.subscribe(
                "broken",
                message -> other.publish(NatsMessage.builder()
                        .subject(message.getReplyTo())
                        .headers(new Headers()
                                .put("Nats-Service-Error-Code", "422")
                                .put("Nats-Service-Error", "not so"))
                        .build()));
        other.flush(Timeouts.LIMIT);
        Awaitility.await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @AfterAll
    void close() throws InterruptedException {
        requester.close();
        other.close();
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        server.close();
    }

    @Test
    void returnsToEachRequestItsOwnReply() {
        List<Uni<String>> replies = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            replies.add(
                    requester.request(message("echo", "n" + i), Timeouts.LIMIT).map(reply -> text(reply.data())));
        }

        List<String> texts = Uni.join().all(replies).andFailFast().await().atMost(Timeouts.LIMIT);

        assertThat(texts).hasSize(50).startsWith("n0", "n1").endsWith("n49").doesNotHaveDuplicates();
    }

    @Test
    void reportsNoRespondersAtOnce() {
        assertThat(failure(requester.request(message("nobody.here", ""), Duration.ofMinutes(1))))
                .isEqualTo(Failure.NO_RESPONDERS);
    }

    @Test
    void reportsATimeoutWithoutAReply() {
        long before = System.nanoTime();

        Failure failure = failure(requester.request(message("silent", ""), Duration.ofMillis(300)));

        assertThat(failure).isEqualTo(Failure.TIMEOUT);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isBetween(Duration.ofMillis(290), Timeouts.LIMIT);
    }

    @Test
    void returnsTheErrorOfAService() {
        InboundMessage reply =
                requester.request(message("broken", ""), Timeouts.LIMIT).await().atMost(Timeouts.LIMIT);

        assertThat(ServiceError.of(reply)).contains(new ServiceError(422, "not so"));
    }

    @Test
    void releasesItsPermitWhenCancelled() {
        Cancellable request = requester
                .request(message("silent", ""), Duration.ofMinutes(1))
                .subscribe()
                .with(reply -> {});
        assertThat(requester.inFlight()).isEqualTo(1);

        request.cancel();

        assertThat(requester.inFlight()).isZero();
    }

    @Test
    void rejectsRequestsBeyondItsWindow() {
        List<Cancellable> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            requests.add(requester
                    .request(message("silent", ""), Timeouts.LIMIT)
                    .subscribe()
                    .with(reply -> {}, failure -> {}));
        }

        Failure failure = failure(requester.request(message("echo", ""), Timeouts.LIMIT));

        requests.forEach(Cancellable::cancel);
        assertThat(failure).isEqualTo(Failure.OVERLOADED);
    }

    @Test
    void rejectsRequestsOfManyThreadsBeyondItsWindow() throws Exception {
        Requester narrow = new Requester(link, Settings.of(RequestConfig.class, Map.of("sluice.request.window", "1")));
        Callable<Integer> asking = () -> {
            int most = 0;
            for (int i = 0; i < 5_000; i++) {
                Cancellable request = narrow.request(message("silent", ""), Timeouts.LIMIT)
                        .subscribe()
                        .with(reply -> {}, failure -> {});
                most = Math.max(most, narrow.inFlight());
                request.cancel();
            }
            return most;
        };
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<Integer> most : threads.invokeAll(Collections.nCopies(4, asking))) {
                assertThat(most.get()).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
            narrow.close();
        }
    }

    @Test
    void reportsAtOnceThatNatsIsUnavailable() {
        try (NatsServer brief = NatsServer.started()) {
            NatsLink lost = TestLinks.linkTo(brief);
            Requester asking = new Requester(lost, Settings.of(RequestConfig.class, Map.of()));
            Awaitility.await().atMost(Timeouts.LIMIT).until(lost::up);
            brief.kill();
            Awaitility.await().atMost(Timeouts.LIMIT).until(() -> !lost.up());

            Failure failure = failure(asking.request(message("echo", ""), Duration.ofMinutes(1)));

            asking.close();
            lost.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
            assertThat(failure).isEqualTo(Failure.UNAVAILABLE);
        }
    }

    private static OutboundMessage message(String subject, String text) {
        return new OutboundMessage(new Subject(subject), Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    private static Failure failure(Uni<?> uni) {
        return catchThrowableOfType(SluiceException.class, () -> uni.await().atMost(Timeouts.LIMIT))
                .failure();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
