package dev.sluice.http.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.events.TailService;
import dev.sluice.http.Answer;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /v1/events} of the complete service: query parameters, headers and rejections. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class EventsRouteIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    TailService tails;

    private RawClient publisher;
    private final List<SseClient> clients = new ArrayList<>();

    @BeforeEach
    void connect() {
        publisher = new RawClient(server);
    }

    @AfterEach
    void releasesEveryClient() {
        clients.forEach(SseClient::close);
        publisher.close();
        await().atMost(Timeouts.LIMIT).until(() -> tails.count() == 0 && tails.subscriptions() == 0);
    }

    @Test
    void answersWithTheHeadersOfAStream() {
        connected("?subject=a.b");
        HttpExchange answer = connected("?subject=a.b").exchange();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store, no-transform");
        assertThat(answer.header("X-Accel-Buffering")).isEqualTo("no");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Sluice-Source")).isEqualTo("core");
    }

    @Test
    void tailsTheLogsByDefault() {
        SseClient client = connected("");

        publisher.publish("other.subject", "unwanted");
        publisher.publish("logs.web.info", "wanted");

        assertThat(client.await("message").data())
                .contains("\"subject\":\"logs.web.info\"")
                .contains("wanted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?subject=logs.>&format=raw", "?subject=logs.%3E&format=raw", "?subject=logs.*&format=raw"})
    void acceptsAWildcardEncodedOrNot(String query) {
        SseClient client = connected(query);

        publisher.publish("logs.info", "text");

        assertThat(client.await("message").lines()).containsExactly("data: text");
    }

    @Test
    void tailsSeveralSubjects() {
        SseClient client = connected("?subject=a.b&subject=c.*&format=raw&source=core");

        List.of("a.b", "a.c", "c.d").forEach(subject -> publisher.publish(subject, subject));

        assertThat(client.messages(2)).extracting(Frame::data).containsExactly("a.b", "c.d");
    }

    @Test
    void joinsAQueueGroup() {
        SseClient one = connected("?subject=jobs&format=raw&queue=workers");
        SseClient two = connected("?subject=jobs&format=raw&queue=others");

        publisher.publish("jobs", "job");

        assertThat(one.await("message").data()).isEqualTo("job");
        assertThat(two.await("message").data()).isEqualTo("job");
    }

    @Test
    void deliversMessagesPublishedOverRest() {
        SseClient client = connected("?subject=chat.room");

        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("POST /v1/publish/chat.room?ack=none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                    + "NatsH-Author: me\r\n\r\nhello");
            assertThat(Answer.of(exchange).status()).isEqualTo(202);
        }

        assertThat(client.await("message").data())
                .contains("\"data\":\"hello\"")
                .contains("\"headers\":{\"Author\":[\"me\"]}");
    }

    @Test
    void hidesReservedSubjects() {
        SseClient client = connected("?subject=>&format=raw");

        publisher.publish("_INBOX.x", "secret");
        publisher.publish("$JS.x", "secret");
        publisher.publish("visible", "visible");

        assertThat(client.await("message").data()).isEqualTo("visible");
    }

    @ParameterizedTest
    @CsvSource({
        "?subject=a..b, 400, bad-subject",
        "?subject=, 400, bad-subject",
        "?subject=a.>.b, 400, bad-subject",
        "?subject=a%20b, 400, bad-subject",
        "?subject=a%0d%0ab, 400, bad-subject",
        "?subject=a%ff, 400, bad-subject",
        "?subject=ok&subject=a*, 400, bad-subject",
        "?subject=$JS.>, 403, forbidden",
        "?subject=_INBOX.>, 403, forbidden",
        "?format=xml, 400, invalid",
        "?format=raw&format=json, 400, invalid",
        "?source=somewhere, 400, invalid",
        "?source=stream, 404, no-stream",
        "?from=all, 400, invalid",
        "?tail=10, 400, invalid",
        "?source=core&from=all, 400, invalid",
        "?source=core&tail=1, 400, invalid",
        "?source=stream&queue=workers, 400, invalid",
        "?from=yesterday, 400, invalid",
        "?from=seq:0, 400, invalid",
        "?from=seq:x, 400, invalid",
        "?from=time:today, 400, invalid",
        "?from=since:long, 400, invalid",
        "?from=since:15, 400, invalid",
        "?from=since:99999999999999d, 400, invalid",
        "?from=new&tail=1, 400, invalid",
        "?tail=-1, 400, invalid",
        "?tail=many, 400, invalid",
        "?last_event_id=17, 400, invalid",
        "?contains=, 400, invalid",
        "?match=(, 400, invalid",
        "?not=%5B, 400, invalid",
        "?header=Name, 400, invalid",
        "?unknown=1, 400, invalid",
        "?queue=a*b, 400, bad-subject",
        "?subject=%zz, 400, invalid"
    })
    void rejectsABadQueryBeforeTheStreamStarts(String query, int status, String problem) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /v1/events" + query + " HTTP/1.1\r\nHost: x\r\n\r\n");

            Answer.of(exchange).isProblem(status, problem);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_100, 2_000})
    void rejectsALongSubject(int length) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /v1/events?subject=" + "a".repeat(length) + " HTTP/1.1\r\nHost: x\r\n\r\n");

            Answer.of(exchange).isProblem(400, "bad-subject");
        }
    }

    @Test
    void rejectsMoreSubjectsThanConfigured() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /v1/events?subject=a" + "&subject=b".repeat(64) + " HTTP/1.1\r\nHost: x\r\n\r\n");

            Answer.of(exchange).isProblem(400, "invalid").saying("64");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE"})
    void rejectsAnotherMethod(String method) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send(method + " /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

            assertThat(Answer.of(exchange).isProblem(405, "method-not-allowed").allow())
                    .contains("GET");
        }
    }

    @Test
    void rejectsMoreConnectionsThanConfigured() {
        for (int i = 0; i < 20; i++) {
            connected("?subject=a.b");
        }

        for (int i = 0; i < 200; i++) {
            try (HttpExchange exchange = new HttpExchange(root.getPort())) {
                exchange.send("GET /v1/events?subject=a.b HTTP/1.1\r\nHost: x\r\n\r\n");

                Answer refusal = Answer.of(exchange).isProblem(503, "too-many-connections");
                assertThat(Integer.parseInt(refusal.retryAfter())).isPositive();
            }
        }
        assertThat(tails.count()).isEqualTo(20);
    }

    @Test
    void staysOpenThroughAnOutage() {
        SseClient client = connected("?subject=orders&format=raw");

        server.kill();
        assertThat(client.await("status").data()).isEqualTo("{\"nats\":\"reconnecting\"}");
        server.start();
        assertThat(client.await("status").data()).isEqualTo("{\"nats\":\"connected\"}");

        try (RawClient reconnected = new RawClient(server)) {
            reconnected.publish("orders", "after");
            assertThat(client.await("message").data()).isEqualTo("after");
        }
    }

    @Test
    void prefersTheLastEventIdHeaderToTheParameter() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("RESUME", "resume.>");
            streams.store("resume.a", 0, 6);
            SseClient first = open("?subject=resume.>&source=stream&from=all&format=raw");
            List<String> ids = first.messages(4).stream()
                    .flatMap(message -> message.field("id"))
                    .toList();

            SseClient second = SseClient.open(
                    new HttpExchange(root.getPort()),
                    "?subject=resume.>&from=all&format=raw&last_event_id=" + ids.get(1),
                    "Last-Event-ID: " + ids.get(3) + "\r\n");
            clients.add(second);

            assertThat(second.exchange().header("Sluice-Source")).isEqualTo("stream; name=RESUME");
            assertThat(second.messages(2)).extracting(Frame::data).containsExactly("4", "5");
            streams.delete("RESUME");
        }
    }

    @Test
    void beginsAtTheRequestedPosition() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("PLACES", "places.>");
            streams.store("places.a", 0, 5);
            Instant between = streams.lastTime("PLACES").plusNanos(1);
            streams.store("places.a", 5, 8);

            Map<String, String> firstOf = Map.of(
                    "from=all",
                    "0",
                    "from=seq:3",
                    "2",
                    "from=time:" + between,
                    "5",
                    "from=since:1h",
                    "0",
                    "from=last",
                    "7",
                    "tail=2",
                    "6");
            firstOf.forEach((place, first) -> assertThat(open("?subject=places.>&format=raw&" + place)
                            .await("message")
                            .data())
                    .as(place)
                    .isEqualTo(first));
            streams.delete("PLACES");
        }
    }

    /** The pulls of the first tail are those of the feed that both share. */
    @Test
    void asksOnlyForTheInfoOfTheStreamIfAnotherTailHasTheSameSubjects() {
        try (TestStreams streams = new TestStreams(server)) {
            streams.create("SHARED", "shared.>");
            SseClient first = connected("?subject=shared.>&format=raw");
            streams.store("shared.a", "stored");
            first.await("message");

            try (NatsSpy spy = new NatsSpy(server)) {
                connected("?subject=shared.>&format=raw");
                publisher.publish("fence", "");

                assertThat(spy.heardUntil("fence"))
                        .map(heard -> heard.split(" ")[0] + (heard.contains("shared.>") ? " by subject" : ""))
                        .filteredOn(asked -> asked.startsWith("$JS.API.")
                                && (asked.contains("SHARED") || asked.endsWith(" by subject"))
                                && !asked.startsWith("$JS.API.CONSUMER.MSG.NEXT."))
                        .containsOnly("$JS.API.STREAM.INFO.SHARED");
            }
            streams.delete("SHARED");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"match=^w.%2Bd$", "not=un", "contains=wanted&not=^un", "header=Level:warn"})
    void omitsFilteredMessages(String filter) {
        SseClient client = connected("?subject=filtered&format=raw&" + filter);

        publisher.publish("filtered", "Level: info\r\n", "unwanted");
        publisher.publish("filtered", "Level: warn\r\n", "wanted");

        assertThat(client.await("message").data()).isEqualTo("wanted");
    }

    private SseClient connected(String query) {
        return open(query).untilConnected();
    }

    private SseClient open(String query) {
        SseClient client = SseClient.open(root.getPort(), query);
        clients.add(client);
        return client;
    }
}
