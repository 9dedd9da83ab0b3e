package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TestStreams;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tails for which Sluice's own NATS user never had, or no longer has, the permissions. */
class TailPermissionsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String FORBIDDEN = "{\"reason\":\"forbidden\"}";

    private NatsServer nats;
    private TailsServer server;

    @AfterEach
    void stop() {
        server.close();
        nats.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?subject=secret.a",
                "?subject=secret.a&core",
                "?subject=secret.a&queue=q",
                "?subject=open.a&subject=secret.%3E"
            })
    void rejectsATailWithoutPermission(String query) {
        serve(user("subscribe: { deny: \"secret.>\" }"));

        assertThat(refusal(query)).startsWith("FORBIDDEN").contains("to subscribe to secret.");
        assertThat(server.tails.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&queue=q"})
    void endsEveryTailWhosePermissionWasRevoked(String how) {
        serve(user(""));
        List<SseClient> watching = List.of(
                client("?subject=secret.a" + how), client("?subject=secret.a" + how), client("?subject=secret.a"));
        SseClient other = client("?subject=open.a");

        nats.reload(user("subscribe: { deny: \"secret.>\" }"));
        watching.forEach(client -> assertThat(last(client)).isEqualTo(FORBIDDEN));

        assertThat(refusal("?core&subject=secret.a")).startsWith("FORBIDDEN");
        publish("open.a", "still there");
        other.until(frame -> frame.data().contains("still there"));

        nats.reload(user(""));
        await().atMost(SOON).until(() -> status("?core&subject=secret.a") == 200);
        SseClient again = client("?subject=secret.a");
        publish("secret.a", "given back");
        again.until(frame -> frame.data().contains("given back"));
    }

    @Test
    void reportsTheSubscriptionLimitOfTheAccount() {
        serve("""
                accounts { A { limits { max_subs: 4 }, users: [
                    { user: sluice, password: secret }, { user: other, password: secret } ] } }
                no_auth_user: other
                """);
        await().atMost(SOON).untilAsserted(() -> {
            for (int i = 0; i < 4; i++) {
                SseClient.open(server.port(), "?core&subject=many." + i);
            }
            assertThat(refusal("?core&subject=many.5")).startsWith("LIMIT_REACHED");
        });
    }

    @Test
    void servesFromCoreNatsIfTheJetStreamApiIsDenied() {
        serve(user("publish: { deny: \"$JS.API.>\" }"));
        SseClient client = client("?subject=open.a");

        assertThat(client.exchange().header("Sluice-Source")).isEqualTo("core");
        publish("open.a", "live");
        client.until(frame -> frame.data().contains("live"));
    }

    @Test
    void rejectsAStartPositionIfTheJetStreamApiIsDenied() {
        serve(user("publish: { deny: \"$JS.API.>\" }"));

        assertThat(refusal("?subject=open.a&start=all")).startsWith("FORBIDDEN").contains("$JS.API.STREAM.NAMES");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&start=all"})
    void endsATailOfAStreamThatNeedsADeniedConsumer(String start) {
        serve(user("publish: { deny: [\"$JS.API.CONSUMER.>\"] }"));
        try (TestStreams streams = new TestStreams(nats)) {
            streams.create("JOBS", "jobs.>");
            streams.store("jobs.a", "1");
        }

        assertThat(last(SseClient.open(server.port(), "?subject=jobs.a" + start).within(SOON)))
                .isEqualTo(FORBIDDEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tail:1", "last-per-subject"})
    void rejectsAStartPositionThatNeedsADeniedConsumer(String start) {
        serve(user("publish: { deny: [\"$JS.API.CONSUMER.>\"] }"));
        try (TestStreams streams = new TestStreams(nats)) {
            streams.create("JOBS", "jobs.>");
            streams.store("jobs.a", "1");
        }

        assertThat(refusal("?subject=jobs.a&start=" + start))
                .startsWith("FORBIDDEN")
                .contains("$JS.API.CONSUMER.");
    }

    private void serve(String configuration) {
        nats = NatsServer.started(configuration);
        server = new TailsServer(nats, Map.of("user", "sluice", "password", "secret"), Map.of());
        await().atMost(SOON).until(server::reachable);
    }

    private static String user(String permissions) {
        return """
                authorization { users: [
                    { user: sluice, password: secret, permissions: { %s } }
                    { user: other, password: secret } ] }
                no_auth_user: other
                """.formatted(permissions);
    }

    private SseClient client(String query) {
        return SseClient.open(server.port(), query).within(SOON).untilConnected();
    }

    private String refusal(String query) {
        try (HttpExchange exchange = ask(query)) {
            assertThat(exchange.head().status()).isEqualTo(503);
            return exchange.body();
        }
    }

    private int status(String query) {
        try (HttpExchange exchange = ask(query)) {
            exchange.head();
            return exchange.status();
        }
    }

    private HttpExchange ask(String query) {
        HttpExchange exchange = new HttpExchange(server.port());
        exchange.within(SOON);
        return exchange.send("GET /v1/events" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    private void publish(String subject, String text) {
        try (RawClient publisher = new RawClient(nats)) {
            publisher.publish(subject, text);
            publisher.flush();
        }
    }

    private static String last(SseClient client) {
        List<Frame> read = client.until(frame -> frame.type().equals("closed"));
        return read.get(read.size() - 1).data();
    }
}
