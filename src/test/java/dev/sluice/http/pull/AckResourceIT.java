package dev.sluice.http.pull;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;

import dev.sluice.access.TokenSecret;
import dev.sluice.http.TestWork;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.Dispatcher;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST …/ack}: the effect of each ack type, and tokens that are rejected. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class AckResourceIT {

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    TokenSecret secret;

    private TestWork work;

    @BeforeEach
    void createStream() {
        work = new TestWork(server);
    }

    @AfterEach
    void deleteStream() {
        work.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?confirm=false", "?confirm=true"})
    void settlesWhatIsAcked(String query) {
        work.publish("1");

        counted(work.ack(query, acks(work.token())), "acked");

        await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumAckPending() == 0);
        assertThat(work.info().getAckFloor().getStreamSequence()).isEqualTo(1);
    }

    @Test
    void confirmsWhatIsAcked() {
        work.publish("1");

        counted(work.ack("?confirm=true", acks(work.token())), "acked");

        assertThat(work.info().getNumAckPending()).isZero();
    }

    @Test
    void naksForDeliveryAtOnce() {
        work.publish("1");

        counted(work.ack("", "{\"naks\":[{\"token\":\"" + work.token() + "\"}]}"), "naked");

        work.fetch("{\"batch\":1}").then().body("messages[0].delivered", equalTo(2));
    }

    @Test
    void naksForDeliveryLater() throws Exception {
        work.publish("1");
        String token = work.token();
        Subscription spy = spy();

        counted(work.ack("", "{\"naks\":[{\"token\":\"" + token + "\",\"delay\":\"1h\"}]}"), "naked");

        assertThat(seenBy(spy)).isEqualTo("-NAK {\"delay\":3600000000000}");
        work.fetch("{\"batch\":1,\"expires\":\"200ms\"}").then().body("messages", empty());
    }

    @Test
    void terminates() {
        work.publish("1");

        counted(
                work.ack("", "{\"terms\":[{\"token\":\"" + work.token() + "\",\"reason\":\"no\\r\\ngood\"}]}"),
                "termed");

        await().atMost(Timeouts.LIMIT).until(() -> work.info().getNumAckPending() == 0);
        work.fetch("{\"batch\":1,\"expires\":\"200ms\"}").then().body("messages", empty());
    }

    @Test
    void reportsThatADeliveryIsInProgress() throws Exception {
        work.publish("1");
        String token = work.token();
        Subscription spy = spy();

        counted(work.ack("?confirm=true", "{\"progress\":[\"" + token + "\"]}"), "progressed");

        assertThat(seenBy(spy)).isEqualTo("+WPI");
        assertThat(work.info().getNumAckPending()).isEqualTo(1);
        counted(work.ack("?confirm=true", acks(token)), "acked");
    }

    @Test
    void settlesEachTokenWithItsOwnAckType() {
        work.publish("1");
        work.publish("2");
        work.publish("3");
        List<String> tokens = work.fetch("{\"batch\":3}").then().extract().path("messages.ack_token");

        work.ack(
                        "?confirm=true",
                        "{\"acks\":[\"%s\",\"forged\"],\"naks\":[{\"token\":\"%s\",\"delay\":\"1h\"}],\"terms\":[{\"token\":\"%s\"}]}"
                                .formatted(tokens.get(0), tokens.get(1), tokens.get(2)))
                .then()
                .statusCode(200)
                .body("acked", equalTo(1))
                .body("naked", equalTo(1))
                .body("termed", equalTo(1))
                .body("progressed", equalTo(0))
                .body("failed.size()", equalTo(1))
                .body("failed[0].token", equalTo("forged"))
                .body("failed[0].problem", equalTo("bad-token"));
    }

    /** The server accepts a second ack of a message like the first one. */
    @Test
    void ignoresAReplayedAck() {
        work.publish("1");
        work.publish("2");
        String token = work.token();
        counted(work.ack("?confirm=true", acks(token)), "acked");

        counted(work.ack("?confirm=true", acks(token)), "acked");
        counted(work.ack("?confirm=true", "{\"naks\":[{\"token\":\"" + token + "\"}]}"), "naked");

        work.fetch("{\"batch\":2,\"expires\":\"500ms\"}").then().body("messages.data", equalTo(List.of("2")));
    }

    @Test
    void publishesNothingForAForgedToken() throws Exception {
        work.publish("1");
        work.declare(ConsumerConfiguration.builder().durable("other").build());
        String token = work.token();
        String elsewhere = given().contentType(ContentType.JSON)
                .body("{\"batch\":1}")
                .post("/v1/streams/" + work.stream + "/consumers/other/fetch")
                .path("messages[0].ack_token");
        String ofAnotherPurpose = secret.signerFor("ticket").sign("any".getBytes(StandardCharsets.UTF_8));
        String subject = "$JS.ACK." + work.stream + "." + work.consumer + ".1.1.1.1.0";
        String genuineNonsense = secret.signerFor("ack").sign("x.y > \r\nPUB z 0".getBytes(StandardCharsets.UTF_8));
        String cut = token.substring(0, token.length() - 1);
        char last = token.charAt(token.length() - 1);
        String altered = cut + (last == 'A' ? 'B' : 'A');
        List<String> bad = List.of(
                "", "x", subject, cut, altered, token + "A", elsewhere, ofAnotherPurpose, genuineNonsense, "\u00e4");

        List<String> seen = new CopyOnWriteArrayList<>();
        Dispatcher spy = work.nats.createDispatcher(message -> seen.add(message.getSubject()));
        spy.subscribe("$JS.ACK.>");
        spy.subscribe("x.>");
        spy.subscribe("z");
        work.nats.flush(Timeouts.LIMIT);
        for (String forged : bad) {
            for (String settlement : List.of(
                    acks(forged),
                    "{\"naks\":[{\"token\":\"%s\"}]}".formatted(forged),
                    "{\"progress\":[\"%s\"]}".formatted(forged))) {
                work.ack("", settlement)
                        .then()
                        .statusCode(200)
                        .body("acked", equalTo(0))
                        .body("naked", equalTo(0))
                        .body("progressed", equalTo(0))
                        .body("failed.size()", equalTo(1))
                        .body("failed[0].problem", equalTo("bad-token"));
            }
        }
        counted(work.ack("?confirm=true", acks(token)), "acked");

        await().atMost(Timeouts.LIMIT).until(() -> !seen.isEmpty());
        assertThat(seen).hasSize(1).allMatch(to -> to.contains("." + work.stream + "." + work.consumer + "."));
        work.nats.closeDispatcher(spy);
    }

    @Test
    void reportsAnUnconfirmedAck() {
        work.publish("1");
        String token = work.token();
        work.manage(management -> management.deleteConsumer(work.stream, work.consumer));

        work.ack("?confirm=true", acks(token))
                .then()
                .body("acked", equalTo(0))
                .body("failed[0].problem", equalTo("unavailable"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"acks":"x"}                                | acks
            {"acks":[null]}                             | acks
            {"acks":[1]}                                | acks
            {"ack":["x"]}                               | ack
            {"naks":["x"]}                              | naks
            {"naks":[{"token":null}]}                   | token
            {"naks":[{"token":"x","delay":"soon"}]}     | delay
            {"naks":[{"token":"x","delay":"25h"}]}      | delay
            {"terms":[{"reason":"x"}]}                  | token
            {"terms":[{"token":"x","because":"x"}]}     | because
            """)
    void namesTheFieldThatBreaksARule(String body, String field) {
        work.ack("", body)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/invalid"))
                .body(containsString(field));
    }

    @Test
    void limitsTheTokensOfOneRequest() {
        String many = IntStream.range(0, 1001).mapToObj(i -> "\"x\"").collect(Collectors.joining(","));

        work.ack("", "{\"acks\":[" + many + "]}").then().statusCode(400).body("detail", containsString("1000"));
    }

    private Subscription spy() throws Exception {
        Subscription spy = work.nats.subscribe("$JS.ACK." + work.stream + ".>");
        work.nats.flush(Timeouts.LIMIT);
        return spy;
    }

    private static String seenBy(Subscription spy) throws InterruptedException {
        return new String(spy.nextMessage(Timeouts.LIMIT).getData(), StandardCharsets.UTF_8);
    }

    private static String acks(String token) {
        return "{\"acks\":[\"" + token + "\"]}";
    }

    /** Checks that exactly one message was settled, as {@code what}. */
    private static void counted(Response response, String what) {
        ValidatableResponse answer = response.then().statusCode(200).body("failed", empty());
        for (String count : List.of("acked", "naked", "termed", "progressed")) {
            answer.body(count, equalTo(count.equals(what) ? 1 : 0));
        }
    }
}
