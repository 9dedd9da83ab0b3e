package dev.sluice.http.stream;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.TestWork;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.Mirror;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams over REST: create, update, delete, purge, and rejected requests. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class StreamDefinitionIT {
    @NatsServerResource.Server
    NatsServer server;

    private TestWork work;
    private String made;

    @BeforeEach
    void createStream() {
        work = new TestWork(server);
        made = work.stream + "M";
    }

    @AfterEach
    void deleteStreams() {
        given().delete(path(made));
        work.close();
    }

    @Test
    void createsAStream() {
        put("""
            {"subjects":["%s.>"],"retention":"workqueue","storage":"memory","discard":"new","max_age":"1h",
             "max_bytes":1000000,"max_messages":1000,"max_messages_per_subject":10,"max_message_size":1000,
             "duplicate_window":"30s","allow_direct":true,"allow_rollup":true,"description":"made by a test"}
            """.formatted(made)).then().statusCode(201).header("Location", equalTo(path(made)));

        when().get(path(made))
                .then()
                .statusCode(200)
                .body("name", equalTo(made))
                .body("configuration.subjects", equalTo(List.of(made + ".>")))
                .body("configuration.retention", equalTo("workqueue"))
                .body("configuration.storage", equalTo("memory"))
                .body("configuration.discard", equalTo("new"))
                .body("configuration.max_age", equalTo("3600s"))
                .body("configuration.max_bytes", equalTo(1000000))
                .body("configuration.max_messages", equalTo(1000))
                .body("configuration.max_messages_per_subject", equalTo(10))
                .body("configuration.max_message_size", equalTo(1000))
                .body("configuration.duplicate_window", equalTo("30s"))
                .body("configuration.allow_direct", equalTo(true))
                .body("configuration.allow_rollup", equalTo(true))
                .body("configuration.description", equalTo("made by a test"))
                .body("configuration.max_consumers", nullValue());
    }

    @Test
    void acceptsADefinitionAsItIsReturned() {
        put(subjects(
                        made,
                        "\"max_age\":\"1h\",\"republish\":{\"source\":\"%s.>\",\"destination\":\"copy.%s.>\"}"
                                .formatted(made, made)))
                .then()
                .statusCode(201);
        sendBack();
    }

    @ParameterizedTest
    @CsvSource({
        "2.9.0, '\"duplicate_window\":\"500ms\"'",
        "2.9.0, '\"max_age\":\"86400500ms\"'",
        "2.9.0, '\"max_age\":\"36500d\"'",
        "2.10.0, '\"subject_transform\":{\"destination\":\"b.>\"}'",
        "2.10.0, '\"metadata\":{\"team\":\"\"}'"
    })
    void acceptsItsOwnFormOfASetting(String since, String setting) {
        assumeTrue(work.nats.getServerInfo().isSameOrNewerThanVersion(since));
        put("{\"subjects\":[\"" + made + ".>\"]," + setting + "}").then().statusCode(201);
        sendBack();
        when().get(path(made)).then().body("configuration", hasKey(setting.substring(1, setting.indexOf('"', 1))));
    }

    @Test
    void aTransformOfASourceCanBeAFilterOnly() {
        assumeTrue(work.nats.getServerInfo().isSameOrNewerThanVersion("2.10.0"));

        put("{\"sources\":[{\"name\":\"%s\",\"subject_transforms\":[{\"source\":\"%s.a\"}]}]}"
                        .formatted(work.stream, work.stream))
                .then()
                .statusCode(201)
                .body("configuration.sources[0].subject_transforms[0].source", equalTo(work.stream + ".a"));
    }

    @Test
    void namesSchedulesThatNatsDoesNotDisable() {
        assumeTrue(work.nats.getServerInfo().isSameOrNewerThanVersion("2.12.0"));
        put(subjects(made, "\"allow_schedules\":true")).then().statusCode(201);

        problem(put(subjects(made, "\"max_messages\":1")), 409, "conflict")
                .body("detail", containsString("allow_schedules"));
    }

    @Test
    void anUpdateSetsOmittedSettingsToTheirDefaults() {
        put(subjects(made, "\"storage\":\"memory\",\"max_messages\":10,\"description\":\"old\""))
                .then()
                .statusCode(201);

        put(subjects(made, "\"max_bytes\":1000"))
                .then()
                .statusCode(200)
                .body("configuration.max_bytes", equalTo(1000))
                .body("configuration.max_messages", nullValue())
                .body("configuration.description", nullValue())
                .body("configuration.storage", equalTo("memory"));
    }

    @ParameterizedTest
    @CsvSource({
        "storage, '\"storage\":\"memory\"'",
        "retention, '\"retention\":\"workqueue\"'",
        "deny_delete, '\"deny_delete\":false'"
    })
    void namesSettingsThatNatsDoesNotChange(String field, String change) {
        put(subjects(made, "\"deny_delete\":true")).then().statusCode(201);

        problem(put(subjects(made, change)), 409, "conflict").body("detail", containsString(field));
    }

    /** The server has one error code for both, and has two reasons here. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"subjects\":[\"STREAM\"],\"max_age\":\"1s\",\"duplicate_window\":\"10s\"}",
                "{\"subjects\":[\"STREAM\"],\"max_age\":\"50ms\"}"
            })
    void doesNotBlameAFixedSettingForAnInvalidDefinition(String body) {
        put(subjects(made, "\"deny_delete\":true")).then().statusCode(201);

        problem(put(body.replace("STREAM", made)), 400, "invalid")
                .body("nats_error_code", equalTo(10052))
                .body("detail", not(containsString("deny_delete")));
    }

    @Test
    void rejectsSubjectsOfAnotherStream() {
        problem(put(subjects(work.stream, "\"max_messages\":1")), 409, "conflict");
    }

    @Test
    void sourcesAndMirrors() {
        work.publish("1");

        put("{\"sources\":[{\"name\":\"%s\",\"filter_subject\":\"%s.item\",\"start_seq\":1}]}"
                        .formatted(work.stream, work.stream))
                .then()
                .statusCode(201)
                .body("configuration.sources[0].name", equalTo(work.stream))
                .body("configuration.sources[0].filter_subject", equalTo(work.stream + ".item"))
                .body("configuration.sources[0].start_seq", equalTo(1));
        given().delete(path(made)).then().statusCode(204);
        put("{\"mirror\":{\"name\":\"%s\"}}".formatted(work.stream))
                .then()
                .statusCode(201)
                .body("configuration.mirror.name", equalTo(work.stream));
        problem(put("{\"mirror\":{\"name\":\"ORDERS\"}}"), 409, "conflict");
    }

    @ParameterizedTest
    @CsvSource({
        "compression, 2.10.0, '\"compression\":\"s2\"'",
        "metadata, 2.10.0, '\"metadata\":{\"team\":\"tea\"}'",
        "subject_transform, 2.10.0, '\"subject_transform\":{\"source\":\">\",\"destination\":\"new.>\"}'",
        "allow_message_ttl, 2.11.0, '\"allow_message_ttl\":true'",
        "marker_ttl, 2.11.0, '\"marker_ttl\":\"10s\",\"allow_rollup\":true'",
        "allow_atomic, 2.12.0, '\"allow_atomic\":true'",
        "allow_schedules, 2.12.0, '\"allow_schedules\":true'",
        "allow_batched, 2.14.0, '\"allow_batched\":true'"
    })
    void namesTheFeatureThatTheServerLacks(String field, String since, String setting) {
        Response answer = put(subjects(made, setting));

        if (work.nats.getServerInfo().isSameOrNewerThanVersion(since)) {
            answer.then().statusCode(201).body("configuration", hasKey(field));
        } else {
            problem(answer, 501, "not-supported").body("detail", containsString(field));
            problem(when().get(path(made)), 404, "no-stream");
        }
    }

    @Test
    void rejectsMoreReplicasThanServers() {
        problem(put(subjects(made, "\"replicas\":3")), 501, "not-supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"subjects\":[]}",
                "{\"subjects\":[\"a..b\"]}",
                "{\"subjects\":[\"x\"],\"retention\":\"forever\"}",
                "{\"subjects\":[\"x\"],\"max_messages\":0}",
                "{\"subjects\":[\"x\"],\"replicas\":6}",
                "{\"subjects\":[\"x\"],\"max_age\":\"soon\"}",
                "{\"subjects\":[\"x\"],\"unknown\":1}",
                "{\"subjects\":[\"x\"],\"subject_transform\":{\"source\":\"x\"}}",
                "{\"subjects\":[\"x\"],\"subject_transform\":{\"source\":\"x\",\"destination\":\"\"}}",
                "{\"subjects\":[\"x\"],\"metadata\":{\"_nats.level\":\"9\"}}",
                "{\"sources\":[{\"name\":\"a.b\"}]}",
                "{\"sources\":[{}]}",
                "{\"sources\":[null]}"
            })
    void rejectsABadDefinition(String body) {
        put(body).then().statusCode(400).body("type", anyOf(endsWith("/invalid"), endsWith("/bad-subject")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"subjects\":[\"$KV.mine.>\"]}",
                "{\"subjects\":[\"$JS.API.>\"]}",
                "{\"subjects\":[\"_INBOX.>\"]}",
                "{\"sources\":[{\"name\":\"KV_PRICES\"}]}",
                "{\"mirror\":{\"name\":\"OBJ_any\"}}",
                "{\"subjects\":[\"x.>\"],\"republish\":{\"destination\":\"$SYS.>\"}}",
                "{\"subjects\":[\"x.>\"],\"republish\":{\"source\":\"x.>\",\"destination\":\">\"}}",
                "{\"subjects\":[\"x.>\"],\"republish\":{\"source\":\"x.*.>\",\"destination\":\"{{wildcard(1)}}.>\"}}",
                "{\"subjects\":[\"x.>\"],\"republish\":{\"source\":\"x.*.>\",\"destination\":\"$1.>\"}}",
                "{\"subjects\":[\"x.>\"],\"subject_transform\":{\"source\":\">\",\"destination\":\"$KV.a.>\"}}"
            })
    void rejectsReservedSubjectsAndStreams(String body) {
        problem(put(body), 403, "forbidden");
    }

    /** A copy with another name, as an operator can make it, is reserved as the bucket is. */
    @Test
    void rejectsACopyOfACopyOfABucket() throws Exception {
        String copy = work.stream + "C";
        try (Connection nats = Nats.connect(server.url())) {
            nats.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name(copy)
                            .storageType(StorageType.Memory)
                            .mirror(Mirror.builder()
                                    .sourceName("KV_" + work.stream)
                                    .build())
                            .build());

            problem(put("{\"sources\":[{\"name\":\"" + copy + "\"}]}"), 403, "forbidden");
            problem(put("{\"mirror\":{\"name\":\"" + copy + "\"}}"), 403, "forbidden");

            nats.jetStreamManagement().deleteStream(copy);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KV_mine", "OBJ_mine", "$mine"})
    void rejectsReservedNames(String name) {
        problem(
                given().contentType(ContentType.JSON)
                        .body("{\"subjects\":[\"x.y\"]}")
                        .put(path(name)),
                403,
                "forbidden");
        problem(given().delete(path(name)), 403, "forbidden");
        problem(given().delete(path(name) + "/messages/1"), 403, "forbidden");
        problem(purge(name, "{}"), 403, "forbidden");
    }

    @Test
    void deletesAStream() {
        put(subjects(made, "\"max_messages\":10")).then().statusCode(201);

        given().delete(path(made)).then().statusCode(204);

        problem(given().delete(path(made)), 404, "no-stream");
    }

    @Test
    void purges() {
        for (int i = 0; i < 10; i++) {
            work.publish("x");
        }

        purge(work.stream, "{\"subject\":\"none.>\"}").then().statusCode(200).body("purged", equalTo(0));
        purge(work.stream, "{\"seq\":1}").then().statusCode(200).body("purged", equalTo(0));
        purge(work.stream, "{\"subject\":\"" + work.stream + ".*\",\"seq\":1}")
                .then()
                .statusCode(200)
                .body("purged", equalTo(0));
        purge(work.stream, "{\"seq\":4}").then().statusCode(200).body("purged", equalTo(3));
        purge(work.stream, "{\"subject\":\"" + work.stream + ".*\",\"keep\":2}")
                .then()
                .statusCode(200)
                .body("purged", equalTo(5));
        purge(work.stream, "{}").then().statusCode(200).body("purged", equalTo(2));
    }

    /** NATS itself would continue the stream at the sequence. */
    @ParameterizedTest
    @ValueSource(longs = {5, 1_000, Long.MAX_VALUE})
    void aPurgeBeyondTheEndDoesNotMoveTheNextSequence(long sequence) {
        for (int i = 0; i < 4; i++) {
            work.publish("x");
        }

        purge(work.stream, "{\"seq\":" + sequence + "}").then().statusCode(200).body("purged", equalTo(4));

        work.publish("next");
        when().get(path(work.stream) + "/messages/5").then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"seq\":1,\"keep\":1}", "{\"seq\":0}", "{\"keep\":-1}", "{\"filter\":\"x\"}", "[]", ""})
    void rejectsABadPurge(String body) {
        problem(purge(work.stream, body), 400, "invalid");
    }

    @Test
    void deletesAMessage() {
        work.publish("x");
        work.publish("y");

        given().delete(path(work.stream) + "/messages/1").then().statusCode(204);

        problem(when().get(path(work.stream) + "/messages/1"), 404, "no-message");
        problem(given().delete(path(work.stream) + "/messages/1"), 404, "no-message");
        when().get(path(work.stream) + "/messages/2").then().statusCode(200);
    }

    @Test
    void removesNothingFromAStreamThatForbidsIt() {
        put(subjects(made, "\"deny_delete\":true,\"deny_purge\":true")).then().statusCode(201);

        problem(purge(made, "{}"), 409, "conflict");
        problem(given().delete(path(made) + "/messages/1"), 409, "conflict");
    }

    /** Sends the configuration back as it is read, which changes nothing. */
    private void sendBack() {
        Map<String, Object> configuration = when().get(path(made)).path("configuration");
        given().contentType(ContentType.JSON)
                .body(configuration)
                .put(path(made))
                .then()
                .statusCode(200)
                .body("configuration", equalTo(configuration));
    }

    private Response put(String body) {
        return given().contentType(ContentType.JSON).body(body).put(path(made));
    }

    private static Response purge(String stream, String body) {
        return given().contentType(ContentType.JSON).body(body).post(path(stream) + "/purge");
    }

    private static String subjects(String prefix, String more) {
        return "{\"subjects\":[\"" + prefix + ".>\"]," + more + "}";
    }

    private static String path(String stream) {
        return "/v1/streams/" + stream;
    }
}
