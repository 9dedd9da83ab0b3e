package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TestConnections;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.Options;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The requests of a link, through outages and without permissions. */
class LinkRequestIT {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final NatsServer server = NatsServer.started("""
            authorization { users: [
                { user: sluice, password: secret, permissions: { publish: { deny: "denied" } } }
                { user: mute, password: secret, permissions: { subscribe: { deny: "_INBOX.>" } } }
                { user: other, password: secret } ] }
            no_auth_user: other
            """);
    private final NatsLink link = link("sluice");
    private final Connection service =
            TestConnections.open(Options.builder().server(server.url()).maxReconnects(-1));
    private final BlockingQueue<Message> received = new LinkedBlockingQueue<>();

    @BeforeEach
    void serve() throws Exception {
        service.createDispatcher(received::add).subscribe("service");
        service.flush(Timeouts.LIMIT);
    }

    @AfterEach
    void close() throws InterruptedException {
        service.close();
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        server.close();
    }

    @Test
    void returnsTheFirstReply() throws Exception {
        CompletableFuture<Message> reply = request("service");
        String inbox = received.take().getReplyTo();
        service.publish(inbox, bytes("first"));
        service.publish(inbox, bytes("second"));

        assertThat(reply.get(60, TimeUnit.SECONDS).getData()).asString().isEqualTo("first");
    }

    @Test
    void reportsASubjectWithoutResponders() {
        assertThatThrownBy(() -> request("nobody").get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(JetStreamStatusException.class);
    }

    @Test
    void failsADeniedRequestAtOnce() {
        assertThatThrownBy(() -> request("denied").get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(SluiceException.class, this::isForbidden);
    }

    @Test
    void rejectsAPayloadThatIsTooLarge() {
        byte[] large = new byte[(1 << 20) + 1];

        assertThatThrownBy(() -> link.requests().send(link.connection(), "service", large, LONG))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void returnsAReplyThatIsSentAfterAReconnect() throws Exception {
        CompletableFuture<Message> reply = request("service");
        String inbox = received.take().getReplyTo();
        server.kill();
        await().atMost(Timeouts.LIMIT).until(() -> !link.up());
        server.start();
        await().atMost(Timeouts.LIMIT).until(link::up);
        await().atMost(Timeouts.LIMIT).until(() -> service.getStatus() == Connection.Status.CONNECTED);

        service.publish(inbox, bytes("late"));

        assertThat(reply.get(60, TimeUnit.SECONDS).getData()).asString().isEqualTo("late");
    }

    @Test
    void endsItsRequestsWhenItIsClosed() {
        CompletableFuture<Message> reply = request("service");

        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();

        assertThatThrownBy(() -> reply.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void failsRequestsWithoutAnInboxAtOnce() {
        NatsLink mute = link("mute");
        Requester requester = new Requester(mute, Settings.of(RequestConfig.class, Map.of()));
        OutboundMessage message = new OutboundMessage(new Subject("service"), Map.of(), bytes("?"));

        for (int i = 0; i < 2; i++) {
            SluiceException refusal = catchThrowableOfType(
                    SluiceException.class,
                    () -> requester.request(message, LONG).await().atMost(Timeouts.LIMIT));
            isForbidden(refusal);
        }

        mute.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
    }

    /** The server does not say which subscription is beyond the limit. */
    @Test
    void failsAtOnceIfTheInboxIsBeyondTheLimitOfSubscriptions() {
        try (NatsServer limited = NatsServer.started("max_subscriptions: 1")) {
            NatsLink small = TestLinks.linkTo(limited);
            await().atMost(Timeouts.LIMIT).until(small::up);
            small.connection().createDispatcher(received::add).subscribe("other");

            CompletableFuture<Message> reply = small.requests().send(small.connection(), "service", bytes("?"), LONG);

            assertThat(reply)
                    .failsWithin(Timeouts.LIMIT)
                    .withThrowableThat()
                    .withCauseInstanceOf(SluiceException.class);
            assertThat(small.requests().inboxRefusal())
                    .hasValueSatisfying(refusal -> assertThat(refusal.failure()).isEqualTo(Failure.LIMIT_REACHED));
            small.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
    }

    /** One that has received a message cannot be the refused one. */
    @Test
    void anotherSubscriptionBeyondTheLimitEndsNoRequest() throws Exception {
        try (NatsServer limited = NatsServer.started("max_subscriptions: 2")) {
            NatsLink small = TestLinks.linkTo(limited);
            await().atMost(Timeouts.LIMIT).until(small::up);
            small.connection().createDispatcher(received::add).subscribe("service");
            CompletableFuture<Message> reply = small.requests().send(small.connection(), "service", bytes("?"), LONG);
            Message request = received.poll(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS);

            small.connection().createDispatcher(received::add).subscribe("other");
            small.connection().flush(Timeouts.LIMIT);
            small.connection().publish(request.getReplyTo(), bytes("!"));

            assertThat(reply).succeedsWithin(Timeouts.LIMIT);
            assertThat(small.requests().inboxRefusal()).isEmpty();
            small.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
    }

    private NatsLink link(String user) {
        NatsLink opened = TestLinks.link(Map.of("servers", server.url(), "user", user, "password", "secret"));
        await().atMost(Timeouts.LIMIT).until(opened::up);
        return opened;
    }

    private CompletableFuture<Message> request(String subject) {
        return link.requests().send(link.connection(), subject, bytes("?"), LONG);
    }

    private void isForbidden(SluiceException refusal) {
        assertThat(refusal.failure()).isEqualTo(Failure.FORBIDDEN);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
