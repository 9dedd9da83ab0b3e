package dev.sluice.stream.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.message.DirectMessage;
import dev.sluice.stream.replay.DirectGetResult.Outcome;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TestConnections;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Direct gets from a stream that the test answers for. */
class DirectGetClientIT {

    private final NatsServer server = NatsServer.withoutJetStream();
    private final NatsLinks links = TestLinks.to(server);
    private final DirectGetClient client = client(Timeouts.LIMIT);
    private final Connection stream =
            TestConnections.open(Options.builder().server(server.url()).maxReconnects(-1));
    private final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();

    @BeforeEach
    void serve() throws Exception {
        stream.createDispatcher(requests::add).subscribe("$JS.API.DIRECT.GET.LOGS");
        stream.flush(Timeouts.LIMIT);
        await().atMost(Timeouts.LIMIT).until(links.consuming()::up);
    }

    @AfterEach
    void stop() throws InterruptedException {
        stream.close();
        links.close();
        server.close();
    }

    @Test
    void lateRepliesToAPageThatWasGivenUpReachNoOtherPage() throws Exception {
        CompletableFuture<DirectGetResult> givenUp = read();
        Message old = request();
        givenUp.cancel(false);
        CompletableFuture<DirectGetResult> next = read();
        Message now = request();

        answer(old, 1);
        answer(now, 2);
        answer(old, 3);
        answer(now, 4);

        assertThat(next.get(60, TimeUnit.SECONDS).messages())
                .extracting(StreamMessage::sequence)
                .containsExactly(2L, 4L);
    }

    @Test
    void endsAPageWhenTheConnectionIsLost() throws Exception {
        CompletableFuture<DirectGetResult> page = read();
        request();

        server.kill();

        assertThat(failure(page)).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void readsAgainAfterAReconnect() throws Exception {
        CompletableFuture<DirectGetResult> lost = read();
        request();
        server.kill();
        assertThat(failure(lost)).isEqualTo(Failure.UNAVAILABLE);
        server.start();
        await().atMost(Timeouts.LIMIT).until(links.consuming()::up);
        await().atMost(Timeouts.LIMIT).until(() -> stream.getStatus() == Connection.Status.CONNECTED);
        stream.flush(Timeouts.LIMIT);

        CompletableFuture<DirectGetResult> page = read();
        Message request = request();
        answer(request, 1);
        answer(request, 2);

        assertThat(page.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.ANSWERED);
    }

    @Test
    void reportsASilentStream() {
        DirectGetClient hasty = client(Duration.ofMillis(100));

        DirectGetResult result =
                hasty.from("LOGS", ">", 1, new PageSize(2, 1024)).await().atMost(Timeouts.LIMIT);

        assertThat(result.outcome()).isEqualTo(Outcome.UNAVAILABLE);
    }

    @Test
    void reportsAStreamThatDoesNotListen() {
        DirectGetResult result =
                client.from("NOWHERE", ">", 1, new PageSize(2, 1024)).await().atMost(Timeouts.LIMIT);

        assertThat(result.outcome()).isEqualTo(Outcome.UNAVAILABLE);
    }

    private DirectGetClient client(Duration timeout) {
        NatsLink link = links.consuming();
        return new DirectGetClient(link, new JetStreamApi(link, JetStreamApi.DEFAULT_PREFIX, timeout), timeout);
    }

    private CompletableFuture<DirectGetResult> read() {
        return client.from("LOGS", ">", 1, new PageSize(2, 1024)).subscribeAsCompletionStage();
    }

    private Message request() throws InterruptedException {
        return requests.poll(60, TimeUnit.SECONDS);
    }

    /** Sends one message of a page; the sequence of the one before is {@code sequence - 2}. */
    private void answer(Message request, long sequence) {
        stream.publish(NatsMessage.builder()
                .subject(request.getReplyTo())
                .headers(new Headers()
                        .put(DirectGetReply.STREAM, "LOGS")
                        .put("Nats-Subject", "logs.a")
                        .put("Nats-Time-Stamp", "2026-01-01T00:00:00Z")
                        .put(DirectMessage.SEQUENCE, Long.toString(sequence))
                        .put("Nats-Last-Sequence", Long.toString(Math.max(0, sequence - 2)))
                        .put(DirectGetReply.PENDING, "7"))
                .build());
    }

    private static Failure failure(CompletableFuture<DirectGetResult> page) {
        return page.handle((batch, failure) -> ((SluiceException) failure).failure())
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }
}
