package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.ConnectionEvent;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.support.NatsServer;
import dev.sluice.support.TestStreams;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Publishes while a configuration reload revokes permissions or resources. Publishing recovers after they are restored.
 */
@Tag("slow")
class StoredPublishReloadIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final String OTHER = "{ user: other, password: secret }";

    private NatsServer server;
    private NatsLinks links;
    private StoredPublisher publisher;

    @AfterEach
    void close() {
        publisher.close();
        links.close();
        server.close();
    }

    @Test
    void aLoweredMaxPayloadTakesEffect() {
        begin("max_payload: 1000000");
        assertThat(refused("x".repeat(5000))).isNull();

        server.reload("max_payload: 1000");
        await().atMost(SOON).until(() -> refused("x".repeat(5000)) == Failure.TOO_LARGE);
        await().atMost(SOON).until(() -> refused("small") == null);

        server.reload("max_payload: 1000000");
        await().atMost(SOON).until(() -> refused("x".repeat(5000)) == null);
    }

    /** After two identical authentication errors jnats closes the connection permanently. */
    @Test
    void aPasswordThatIsChangedAndReturnedNeedsNoRestart() {
        begin(users("secret", ""));

        server.reload(users("changed", ""));
        await().atMost(SOON).until(() -> refused("x") == Failure.UNAVAILABLE);
        await().atMost(SOON).until(() -> links.events().count(ConnectionEvent.CLOSED) >= 1);

        server.reload(users("secret", ""));
        await().atMost(SOON).until(() -> refused("x") == null);
    }

    @Test
    void aUserThatIsRemovedAndReturnedNeedsNoRestart() {
        begin(users("secret", ""));

        server.reload("authorization { users: [ " + OTHER + " ] }\nno_auth_user: other");
        await().atMost(SOON).until(() -> refused("x") == Failure.UNAVAILABLE);

        server.reload(users("secret", ""));
        await().atMost(SOON).until(() -> refused("x") == null);
    }

    @Test
    void inboxesThatAreTakenAwayAndReturnedNeedNoRestart() {
        begin(users("secret", ""));

        server.reload(users("secret", "subscribe: { deny: \"_INBOX.>\" }"));
        await().atMost(SOON).until(() -> refused("x") == Failure.FORBIDDEN);

        server.reload(users("secret", ""));
        await().atMost(SOON).until(() -> refused("x") == null);
    }

    @Test
    void anAccountThatIsFullIsAFullStreamUntilItMayHaveMore() {
        begin(account("100KB"));
        await().atMost(SOON).until(() -> refused("x".repeat(20_000)) == Failure.STREAM_FULL);

        server.reload(account("100MB"));
        await().atMost(SOON).until(() -> refused("x".repeat(20_000)) == null);
    }

    @Test
    void reportsAtOnceThatTheStreamLookupIsDenied() {
        begin(users("secret", "publish: { deny: \"$JS.API.>\" }"));
        assertThat(refused("stored all the same")).isNull();

        long before = System.nanoTime();
        SluiceException refusal = catchThrowableOfType(SluiceException.class, () -> publisher
                .publish(message("nobody.stores.this", "x"))
                .await()
                .atMost(SOON));

        assertThat(refusal.failure()).isEqualTo(Failure.FORBIDDEN);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_ONCE);
    }

    private void begin(String configuration) {
        server = NatsServer.started(configuration);
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("ORDERS", "orders.>");
        }
        links = TestLinks.to(server, Map.of("user", "sluice", "password", "secret"));
        publisher = TestPublishing.publisher(links.publishing());
        await().atMost(SOON).until(publisher::reachable);
    }

    /** Returns the failure of a publish, or null if the message is stored. */
    private Failure refused(String text) {
        SluiceException refusal = catchThrowableOfType(
                SluiceException.class,
                () -> publisher.publish(message("orders.created", text)).await().atMost(SOON));
        return refusal == null ? null : refusal.failure();
    }

    private static String users(String password, String permissions) {
        return """
                authorization { users: [
                  { user: sluice, password: %s, permissions: { %s } }
                  %s ] }
                no_auth_user: other
                """.formatted(password, permissions, OTHER);
    }

    private static String account(String room) {
        return """
                accounts { A {
                  jetstream: { max_file: %s, max_mem: 1MB }
                  users: [ { user: sluice, password: secret }, %s ]
                } }
                no_auth_user: other
                """.formatted(room, OTHER);
    }
}
