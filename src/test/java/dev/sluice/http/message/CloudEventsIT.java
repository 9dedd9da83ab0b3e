package dev.sluice.http.message;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.http.TestWork;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.NodeClient;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents 1.0 over HTTP in its three modes, as NATS messages, and back. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class CloudEventsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVENT = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final String LEAST = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"type\":\"t\"";

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private TestWork work;

    @BeforeEach
    void begin() {
        work = new TestWork(server);
    }

    @AfterEach
    void end() {
        work.close();
    }

    /** The example of the HTTP binding, section 3.1.4, is the example of the NATS binding, section 3.1.4. */
    @Test
    void storesTheBinaryExampleOfTheSpecification() throws Exception {
        publish(given().header("ce-specversion", "1.0")
                        .header("ce-type", "com.example.someevent")
                        .header("ce-time", "2018-04-05T03:56:24Z")
                        .header("ce-id", "1234-1234-1234")
                        .header("ce-source", "/mycontext/subcontext")
                        .contentType("application/json; charset=utf-8")
                        .body("{\"a\": 1}"))
                .then()
                .statusCode(201);

        MessageInfo stored = stored(1);
        assertThat(new String(stored.getData(), UTF_8)).isEqualTo("{\"a\": 1}");
        Headers headers = stored.getHeaders();
        assertThat(headers.getFirst("ce-specversion")).isEqualTo("1.0");
        assertThat(headers.getFirst("ce-type")).isEqualTo("com.example.someevent");
        assertThat(headers.getFirst("ce-time")).isEqualTo("2018-04-05T03:56:24Z");
        assertThat(headers.getFirst("ce-id")).isEqualTo("1234-1234-1234");
        assertThat(headers.getFirst("ce-source")).isEqualTo("/mycontext/subcontext");
        assertThat(headers.getFirst("ce-datacontenttype")).isEqualTo("application/json;%20charset=utf-8");
        assertThat(headers.getFirst("Content-Type")).isEqualTo("application/json; charset=utf-8");
    }

    @Test
    void storesTheStructuredExampleUnchanged() throws Exception {
        String event = "{ " + LEAST + ",\n \"comexampleothervalue\" : 5, \"data\" : { \"n\": 1.50 } }";

        publish(given().contentType(EVENT + "; charset=UTF-8")
                        .header("ce-id", "of the body")
                        .body(event))
                .then()
                .statusCode(201);

        assertThat(new String(stored(1).getData(), UTF_8)).isEqualTo(event);
        assertThat(stored(1).getHeaders().getFirst("Content-Type")).isEqualToIgnoringCase(EVENT + "; charset=utf-8");
        assertThat(stored(1).getHeaders().containsKey("ce-id")).isFalse();
    }

    @Test
    void storesEachEventOfABatchAsAMessage() throws Exception {
        publish(given().contentType(BATCH)
                        .body("[{" + LEAST + ",\"data\":1}, {" + LEAST + ",\"data_base64\":\"AAEC\"}]"))
                .then()
                .statusCode(200)
                .contentType(startsWith("application/x-ndjson"))
                .body(equalTo(receipt(1) + receipt(2)));

        assertThat(new String(stored(1).getData(), UTF_8)).isEqualTo("{" + LEAST + ",\"data\":1}");
        assertThat(new String(stored(2).getData(), UTF_8)).isEqualTo("{" + LEAST + ",\"data_base64\":\"AAEC\"}");
        assertThat(stored(2).getHeaders().getFirst("Content-Type")).isEqualTo(EVENT);
    }

    @Test
    void storesALongBatchInItsOrder() {
        StringBuilder batch = new StringBuilder("[");
        for (int i = 0; i < 1000; i++) {
            batch.append(i == 0 ? "" : ",")
                    .append("{")
                    .append(LEAST)
                    .append(",\"data\":")
                    .append(i)
                    .append("}");
        }

        String receipts = publish(
                        given().contentType(BATCH).body(batch.append("]").toString()))
                .asString();

        assertThat(receipts.split("\n")).hasSize(1000).allMatch(line -> line.contains("\"status\":201"));
        assertThat(receipts).endsWith(receipt(1000));
    }

    @Test
    void acceptsAnEmptyBatch() {
        publish(given().contentType(BATCH).body("[]")).then().statusCode(200).body(equalTo(""));
    }

    @Test
    void publishesNothingOfABatchWithABadEvent() throws Exception {
        refused(
                publish(given().contentType(BATCH).body("[{" + LEAST + "},{" + LEAST.replace("/a", "a b") + "}]")),
                "[1].source");

        assertThat(work.nats
                        .jetStreamManagement()
                        .getStreamInfo(work.stream)
                        .getStreamState()
                        .getMsgCount())
                .isZero();
    }

    @Test
    void aBatchWithoutAStreamHasAProblemForEachEvent() {
        given().contentType(BATCH)
                .body("[{" + LEAST + "}]")
                .post("/v1/publish/nobody.stores.this")
                .then()
                .statusCode(200)
                .body(
                        containsString("\"status\":404"),
                        containsString("\"instance\":\"/v1/publish/nobody.stores.this\""));
    }

    @Test
    void publishesABatchToCoreNats() {
        given().contentType(BATCH)
                .body("[{" + LEAST + "},{" + LEAST + "}]")
                .post("/v1/publish/nobody.stores.this?ack=none")
                .then()
                .statusCode(200)
                .body(equalTo("{\"line\":1,\"status\":202}\n{\"line\":2,\"status\":202}\n"));
    }

    @ParameterizedTest
    @CsvSource({"Nats-Msg-Id, 1", "Nats-Expected-Last-Sequence, 0", "Nats-Rollup, sub"})
    void aBatchHasNoHeadersOfASingleMessage(String name, String value) {
        publish(given().contentType(BATCH).header(name, value).body("[]"))
                .then()
                .statusCode(400)
                .body("detail", containsString(name));
    }

    @Test
    void anEventIdIsNotAMessageId() {
        for (int i = 0; i < 2; i++) {
            publish(binary().body("same")).then().statusCode(201);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"specversion", "id", "source", "type"})
    void namesEachAttributeThatIsMissing(String name) {
        RequestSpecification request = request();
        for (String required : List.of("specversion", "id", "source", "type")) {
            if (!required.equals(name)) {
                request.header("ce-" + required, required.equals("specversion") ? "1.0" : "x");
            }
        }

        refused(publish(request.body("x")), name);
    }

    @ParameterizedTest
    @CsvSource({
        "ce-subject, %C0%A0, subject",
        "CE-EXT, %C0%A0, ext",
        "ce-my-ext, x, my-ext",
        "ce-datacontenttype, text/plain, datacontenttype",
        "ce-time, yesterday, time",
        "ce-data, x, data",
    })
    void namesTheBadAttributeOfAHeader(String header, String value, String name) {
        refused(publish(binary().header(header, value).body("x")), name);
    }

    @Test
    void namesAnAttributeThatOccursTwice() {
        refused(publish(binary().header("ce-id", "1", "2").body("x")), "id");
    }

    @Test
    void namesTheBadAttributeOfAnEventInJson() {
        refused(publish(given().contentType(EVENT).body("{" + LEAST.replace("1.0", "0.3") + "}")), "specversion");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/cloudevents+avro", "application/cloudevents", "application/cloudevents-batch+xml"})
    void rejectsAFormatThatIsNotJson(String type) {
        publish(given().contentType(type).body("{}".getBytes(UTF_8)))
                .then()
                .statusCode(415)
                .body("type", equalTo("/problems/unsupported-media-type"));
    }

    @Test
    void aHeaderOfTheMessageIsNotAnAttribute() {
        publish(binary().header("NatsH-ce-Id", "2").body("x"))
                .then()
                .statusCode(400)
                .body("detail", containsString("NatsH-ce-Id"));
    }

    @Test
    void acceptsABinaryEventOverHttp2() throws Exception {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request(
                            "POST",
                            "/v1/publish/" + work.stream + ".item",
                            true,
                            "ce-specversion",
                            "1.0",
                            "ce-id",
                            "1",
                            "ce-source",
                            "/a",
                            "ce-type",
                            "t")
                    .finish();
            assertThat(exchange.status()).as(exchange.body()).isEqualTo(201);
        }

        assertThat(stored(1).getHeaders().getFirst("ce-id")).isEqualTo("1");
        assertThat(stored(1).getHeaders().containsKey("ce-datacontenttype")).isFalse();
    }

    @Test
    void theOfficialClientReadsBackWhatItWrote() {
        CloudEvent written = CloudEventBuilder.v1()
                .withId("żółw 100%")
                .withSource(URI.create("urn:a:b"))
                .withType("t")
                .withTime(OffsetDateTime.parse("2018-04-05T17:31:00.123+02:00"))
                .withSubject("🚀")
                .withExtension("number", 5)
                .withData(
                        "application/json", URI.create("https://example.com/schema"), "{\"a\":[1,2.5]}".getBytes(UTF_8))
                .build();
        publish(given().contentType(EVENT).body(new JsonFormat().serialize(written)))
                .then()
                .statusCode(201);

        CloudEvent read =
                new JsonFormat().deserialize(message(1, EVENT).then().extract().asByteArray());

        assertThat(read.getId()).isEqualTo(written.getId());
        assertThat(read.getSource()).isEqualTo(written.getSource());
        assertThat(read.getTime()).isEqualTo(written.getTime());
        assertThat(read.getSubject()).isEqualTo(written.getSubject());
        assertThat(read.getExtension("number")).isEqualTo(5);
        assertThat(new String(read.getData().toBytes(), UTF_8)).isEqualTo("{\"a\":[1,2.5]}");
    }

    @Test
    void answersABinaryEventInJson() {
        publish(binary().header("ce-subject", "Euro%20%E2%82%AC")
                        .contentType("application/json")
                        .body("{\"a\":1.50}"))
                .then()
                .statusCode(201);

        message(1, EVENT)
                .then()
                .statusCode(200)
                .contentType(startsWith(EVENT))
                .header("Nats-Sequence", "1")
                .header("Vary", "Accept")
                .body("subject", equalTo("Euro €"), "type", equalTo("com.example.someevent"))
                .body(containsString("\"data\":{\"a\":1.50}"));
    }

    @Test
    void answersBinaryDataInBase64() {
        byte[] data = {0, -1, 13, 10};
        publish(binary().contentType("application/octet-stream").body(data))
                .then()
                .statusCode(201);

        CloudEvent read =
                new JsonFormat().deserialize(message(1, EVENT).then().extract().asByteArray());

        assertThat(read.getData().toBytes()).isEqualTo(data);
    }

    @Test
    void aMessageThatIsNotAnEventIsNotAcceptable() {
        publish(request().body("plain")).then().statusCode(201);

        message(1, EVENT)
                .then()
                .statusCode(406)
                .body("type", equalTo("/problems/not-acceptable"), "detail", containsString("Message 1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "application/json", EVENT + ", */*;q=0.1", "text/plain, " + EVENT + ";q=0.5"})
    void aMessageThatIsNotAnEventIsUnchangedIfMoreTypesAreAccepted(String accept) {
        publish(request().body("plain")).then().statusCode(201);

        message(1, accept).then().statusCode(200).body(equalTo("plain"));
    }

    @Test
    void anEventIsUnchangedIfItsTypeIsNotAccepted() {
        publish(binary().body("plain")).then().statusCode(201);

        message(1, "*/*")
                .then()
                .statusCode(200)
                .header("NatsH-ce-id", equalTo("1"))
                .body(equalTo("plain"));
    }

    @Test
    void answersAPageAsABatchThatTheOfficialClientReads() {
        publish(binary().contentType("application/json").body("{\"a\":1.50}"))
                .then()
                .statusCode(201);
        publish(given().contentType(EVENT).body("{" + LEAST + ",\"data\":\"two\"}"))
                .then()
                .statusCode(201);

        Response answer = page("", BATCH);

        answer.then().statusCode(200).header("Vary", "Accept").header("Link", nullValue());
        assertThat(answer.contentType()).isEqualTo(BATCH);
        assertThat(answer.asString()).contains("\"data\":{\"a\":1.50}", "{" + LEAST + ",\"data\":\"two\"}");
        assertThat(answer.jsonPath().getList("type")).isEqualTo(List.of("com.example.someevent", "t"));
        for (Object event : answer.jsonPath().getList("$")) {
            new JsonFormat().deserialize(JSON.valueToTree(event).toString().getBytes(UTF_8));
        }
    }

    @Test
    void aBatchComesBackAsItWasPublished() {
        String batch = "[{" + LEAST + ",\"data\":{ \"n\": 1.50 }},{" + LEAST + ",\"data_base64\":\"AAEC\"}]";
        publish(given().contentType(BATCH).body(batch)).then().statusCode(200);

        assertThat(page("", BATCH).asString()).isEqualTo(batch);
    }

    @Test
    void anEmptyPageIsAnEmptyBatch() {
        assertThat(page("", BATCH).asString()).isEqualTo("[]");
    }

    @Test
    void aBatchLeadsToTheNextOne() {
        for (int i = 0; i < 3; i++) {
            publish(binary().contentType("text/plain; charset=utf-8").body("a & b > " + i))
                    .then()
                    .statusCode(201);
        }
        String query = "?contains=a+%26+b+%3E&limit=2&from=all";

        Response first = page(query, BATCH);
        String link = first.header("Link");
        Response second = page(link.substring(1, link.indexOf('>')), BATCH);

        assertThat(link).isEqualTo("<?contains=a%20%26%20b%20%3E&limit=2&from=seq%3A3>; rel=\"next\"");
        assertThat(first.jsonPath().getList("data")).isEqualTo(List.of("a & b > 0", "a & b > 1"));
        assertThat(second.jsonPath().getList("data")).isEqualTo(List.of("a & b > 2"));
        assertThat(second.header("Link")).isNull();
    }

    @Test
    void aPageWithAMessageThatIsNotAnEventIsNotAcceptable() {
        publish(binary().body("x")).then().statusCode(201);
        publish(request().body("plain")).then().statusCode(201);

        page("", BATCH)
                .then()
                .statusCode(406)
                .body("type", equalTo("/problems/not-acceptable"), "detail", containsString("Message 2"));
        page("?header=ce-specversion:1.0", BATCH).then().statusCode(200).body("id", contains("1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "application/json",
                BATCH + ", */*;q=0.1",
                BATCH + ", application/json;q=0.1",
                "application/json, " + BATCH + ";q=0.5"
            })
    void aPageWithAMessageThatIsNotAnEventIsUnchangedIfMoreTypesAreAccepted(String accept) {
        publish(request().body("plain")).then().statusCode(201);

        page("", accept)
                .then()
                .statusCode(200)
                .contentType("application/json")
                .body("messages.data", contains("plain"));
    }

    @Test
    void aPageOfEventsIsUnchangedWithoutAnAcceptHeader() {
        publish(binary().body("x")).then().statusCode(201);

        given().get(pages())
                .then()
                .statusCode(200)
                .contentType("application/json")
                .body("messages.seq", contains(1));
    }

    private Response page(String query, String accept) {
        return given().urlEncodingEnabled(false).header("Accept", accept).get(pages() + query);
    }

    private String pages() {
        return "/v1/streams/" + work.stream + "/messages";
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "structured"})
    void theOfficialJavaScriptClientReadsBackWhatItWrote(String mode) {
        Map<String, Object> event = Map.of(
                "id", "A-1",
                "source", "/js",
                "type", "t",
                "time", "2018-04-05T17:31:00.000Z",
                "subject", "s",
                "ext", "x",
                "datacontenttype", "application/json",
                "data", Map.of("a", 1));
        String publish = root.resolve("/v1/publish/" + work.stream + ".item").toString();
        String stored =
                root.resolve("/v1/streams/" + work.stream + "/messages/1").toString();
        try (NodeClient node = NodeClient.connected(server)) {
            JsonNode sent = node.ask("sendEvent", Map.of("url", publish, "mode", mode, "event", event));
            assertThat(sent.get("status").asInt()).as(sent.toString()).isEqualTo(201);

            JsonNode read = node.ask("receiveEvent", Map.of("url", stored));

            event.forEach((name, value) -> assertThat(read.get(name)).as(name).isEqualTo(JSON.valueToTree(value)));
        }
    }

    private Response message(long sequence, String accept) {
        return given().header("Accept", accept).get("/v1/streams/" + work.stream + "/messages/" + sequence);
    }

    private Response publish(RequestSpecification request) {
        return request.post("/v1/publish/" + work.stream + ".item");
    }

    private MessageInfo stored(long sequence) throws Exception {
        return work.nats.jetStreamManagement().getMessage(work.stream, sequence);
    }

    private String receipt(int number) {
        return "{\"line\":" + number + ",\"status\":201,\"stream\":\"" + work.stream + "\",\"seq\":" + number
                + ",\"duplicate\":false}\n";
    }

    private static void refused(Response response, String... fields) {
        response.then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid"), "violations.field", contains(fields))
                .body("detail", containsString(fields[0]));
    }

    private static RequestSpecification request() {
        return given().contentType("text/plain");
    }

    /** Returns a request with the required attributes of the example. */
    private static RequestSpecification binary() {
        RequestSpecification request = request();
        for (String header : Arrays.asList(
                "ce-specversion: 1.0", "ce-type: com.example.someevent", "ce-id: 1", "ce-source: /mycontext")) {
            request.header(header.split(": ")[0], header.split(": ")[1]);
        }
        return request;
    }
}
