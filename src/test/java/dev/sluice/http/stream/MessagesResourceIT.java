package dev.sluice.http.stream;

import static dev.sluice.http.ProblemResponse.problem;
import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.http.TestWork;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamState;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of stored messages over REST. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class MessagesResourceIT {
    private static final int MANY = 1_300;
    private static final byte[] BINARY = {0, -1, 13, 10};

    @NatsServerResource.Server
    NatsServer server;

    private final ObjectMapper json = new ObjectMapper();
    private TestWork work;

    @BeforeEach
    void create() {
        work = new TestWork(server);
    }

    @AfterEach
    void delete() {
        work.close();
    }

    @Test
    void readsStoredMessages() {
        publish("a", "1", new Headers().add("Colour", "green"));
        publish("b", "2", null);

        page("").then()
                .statusCode(200)
                .body("messages.subject", contains(subject("a"), subject("b")))
                .body("messages.seq", contains(1, 2))
                .body("messages.data", contains("1", "2"))
                .body("messages[0].headers.Colour", contains("green"))
                .body("messages[0].time", containsString("T"))
                .body("next", nullValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json;q=0.9",
                "application/*",
                "application/json;charset=UTF-8",
                "Application/Json",
                "text/html, */*;q=0.1"
            })
    void takesEveryAcceptHeaderThatAdmitsJson(String accept) {
        given().accept(accept)
                .get("/v1/streams/" + work.stream + "/messages")
                .then()
                .statusCode(200)
                .contentType("application/json");
    }

    @Test
    void noProxyStoresOrHoldsBackLines() {
        ndjson("/v1/streams/" + work.stream + "/messages")
                .then()
                .header("Cache-Control", equalTo("no-store, no-transform"))
                .header("X-Accel-Buffering", equalTo("no"));
    }

    @Test
    void readsAnEmptyStream() {
        page("").then().statusCode(200).body("messages", hasSize(0)).body("next", nullValue());
        assertThat(lines("")).isEmpty();
        page("?last=true").then().statusCode(200).body("messages", hasSize(0));
    }

    @Test
    void encodesAPayloadThatIsNotText() {
        work.publish(BINARY, null);

        page("").then().body("messages[0].data", nullValue()).body("messages[0].data_base64", equalTo("AP8NCg=="));
    }

    @Test
    void readsTheRequestedSubjects() {
        publish("a.x", "1", null);
        publish("b.x", "2", null);
        publish("c", "3", null);
        publish("a.y", "4", null);

        assertThat(data("?subject=" + subject("a.>"))).containsExactly("1", "4");
        assertThat(data("?subject=" + subject("a.*") + "&subject=" + subject("c")))
                .containsExactly("1", "3", "4");
        assertThat(data("?subject=" + subject("a.*") + "&subject=" + subject("*.x")))
                .containsExactly("1", "2", "4");
        assertThat(data("?subject=" + subject("*") + "&subject=" + subject("a.>")))
                .containsExactly("1", "3", "4");
        assertThat(data("?subject=other.>")).isEmpty();
    }

    @Test
    void continuesWithTheNextPage() {
        fill(MANY);

        List<String> all = new ArrayList<>();
        String from = "all";
        int pages = 0;
        while (from != null) {
            Response page = page("?limit=500&from=" + from);
            page.then().statusCode(200);
            all.addAll(page.path("messages.data"));
            from = page.path("next");
            pages++;
        }

        assertThat(all)
                .isEqualTo(IntStream.range(0, MANY).mapToObj(Integer::toString).toList());
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void endsAPageThatIsLarge() {
        String large = "x".repeat(400_000);
        for (int i = 0; i < 4; i++) {
            publish("a", large, null);
        }

        page("").then().body("messages", hasSize(3)).body("next", equalTo("seq:4"));
        page("?from=seq:4").then().body("messages", hasSize(1)).body("next", nullValue());
    }

    @Test
    void startsAtTheRequestedPosition() {
        publish("a", "1", null);
        publish("a", "2", null);
        publish("a", "3", null);
        Instant second = Instant.parse(page("?from=seq:2").path("messages[0].time"));

        assertThat(data("?from=seq:2")).containsExactly("2", "3");
        assertThat(data("?from=seq:9")).isEmpty();
        assertThat(data("?from=time:" + second)).containsExactly("2", "3");
        assertThat(data("?from=since:1h")).containsExactly("1", "2", "3");
    }

    @Test
    void appliesTheFiltersOfATail() {
        publish("a", "level=info one", new Headers().add("Colour", "green"));
        publish("a", "level=warn two", null);
        publish("a", "level=warn three", null);

        assertThat(data("?contains=warn")).containsExactly("level=warn two", "level=warn three");
        assertThat(data("?match=t(wo|en)")).containsExactly("level=warn two");
        assertThat(data("?not=two&contains=warn")).containsExactly("level=warn three");
        assertThat(data("?header=colour:green")).containsExactly("level=info one");
        assertThat(data("?contains=warn&limit=1")).containsExactly("level=warn two");
        page("?contains=warn&limit=1").then().body("next", equalTo("seq:3"));
    }

    @Test
    void readsTheLastMessageOfEachSubject() {
        publish("a", "1", null);
        publish("b", "2", null);
        publish("a", "3", null);
        publish("c", "4", null);

        assertThat(data("?last=true")).containsExactly("2", "3", "4");
        assertThat(data("?last=true&subject=" + subject("a") + "&subject=" + subject("b")))
                .containsExactly("2", "3");
        assertThat(data("?last=true&limit=2")).containsExactly("2", "3");
        page("?last=true&limit=2").then().body("next", equalTo("seq:4"));
        assertThat(data("?last=true&from=seq:4")).containsExactly("4");
        assertThat(data("?last=true&contains=3")).containsExactly("3");
        assertThat(data("?last=true&subject=other.>")).isEmpty();
    }

    @Test
    void continuesWithTheNextPageOfTheLastMessages() {
        int subjects = 60;
        for (int i = 0; i < subjects; i++) {
            publish("item." + i, Integer.toString(i), null);
        }

        List<String> all = new ArrayList<>();
        String from = "all";
        for (int pages = 0; from != null && pages <= subjects; pages++) {
            Response page = page("?last=true&limit=1&from=" + from);
            all.addAll(page.path("messages.data"));
            from = page.path("next");
        }

        assertThat(from).isNull();
        assertThat(all)
                .isEqualTo(
                        IntStream.range(0, subjects).mapToObj(Integer::toString).toList());
    }

    @Test
    void writesOneMessageALine() {
        fill(MANY);

        assertThat(lines("")).hasSize(MANY).last().satisfies(last -> {
            assertThat(last.path("subject").textValue()).isEqualTo(subject("item"));
            assertThat(last.path("seq").intValue()).isEqualTo(MANY);
            assertThat(last.path("data").textValue()).isEqualTo(Integer.toString(MANY - 1));
        });
        assertThat(lines("?limit=600")).hasSize(600);
        assertThat(lines("?limit=2000&from=seq:1000")).hasSize(MANY - 999);
        assertThat(lines("?match=^.$")).hasSize(10);
        assertThat(lines("?last=true")).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = RetentionPolicy.class,
            names = {"WorkQueue", "Interest"})
    void removesNothingFromWorkQueueAndInterestStreams(RetentionPolicy retention) {
        for (boolean direct : List.of(true, false)) {
            String queue = work.stream + retention + direct;
            work.manage(management -> management.addStream(StreamConfiguration.builder()
                    .name(queue)
                    .subjects(queue + ".>")
                    .retentionPolicy(retention)
                    .storageType(StorageType.Memory)
                    .allowDirect(direct)
                    .build()));
            work.manage(management -> management.addOrUpdateConsumer(
                    queue, ConsumerConfiguration.builder().durable("one").build()));
            store(queue + ".a", "1", null);
            store(queue + ".b", "2", null);
            store(queue + ".a", "3", null);

            assertThat(data(queue, "")).containsExactly("1", "2", "3");
            assertThat(data(queue, "?limit=2&subject=" + queue + ".a")).containsExactly("1", "3");
            assertThat(data(queue, "?subject=" + queue + ".a&subject=" + queue + ".b"))
                    .containsExactly("1", "2", "3");
            assertThat(data(queue, "?last=true")).containsExactly("2", "3");
            assertThat(data(queue, "?from=since:1h")).containsExactly("1", "2", "3");
            assertThat(data(queue, "?from=seq:3")).containsExactly("3");

            StreamState state =
                    work.manage(management -> management.getStreamInfo(queue).getStreamState());
            assertThat(state.getMsgCount()).isEqualTo(3);
            assertThat(state.getConsumerCount()).isEqualTo(1);
            work.manage(management -> management.deleteStream(queue));
        }
    }

    @Test
    void readsAPageOfAWorkQueueOneMessageAtATime() {
        String queue = work.stream + "WHOLE";
        work.manage(management -> management.addStream(StreamConfiguration.builder()
                .name(queue)
                .subjects(queue)
                .retentionPolicy(RetentionPolicy.WorkQueue)
                .storageType(StorageType.Memory)
                .allowDirect(false)
                .build()));
        for (int i = 0; i < 50; i++) {
            store(queue, Integer.toString(i), null);
        }

        when().get("/v1/streams/" + queue + "/messages")
                .then()
                .body("messages", hasSize(50))
                .body("next", nullValue());
        work.manage(management -> management.deleteStream(queue));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=1001",
                "limit=x",
                "limit=1&limit=2",
                "from=new",
                "from=last",
                "from=last-per-subject",
                "from=seq:0",
                "from=time:x",
                "from=since:1y",
                "last=yes",
                "tail=1",
                "contains=",
                "match=(",
                "header=x",
            })
    void rejectsABadParameter(String query) {
        problem(page("?" + query), 400, "invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"new", "seq:0", "time:x", "since:1y"})
    void namesOnlyTheStartsThatAPageHas(String from) {
        page("?from=" + from).then().body("detail", endsWith("must be all, seq:N, time:RFC3339 or since:15m"));
    }

    @Test
    void rejectsABadSubject() {
        problem(page("?subject=a..b"), 400, "bad-subject");
        problem(page("?subject=$KV.>"), 403, "forbidden");
    }

    @Test
    void reportsAMissingStream() {
        problem(when().get("/v1/streams/NOWHERE/messages"), 404, "no-stream");
        problem(ndjson("/v1/streams/NOWHERE/messages"), 404, "no-stream");
        problem(when().get("/v1/streams/KV_PRICES/messages"), 403, "forbidden");
    }

    private String subject(String suffix) {
        return work.stream + "." + suffix;
    }

    private void publish(String suffix, String payload, Headers headers) {
        store(subject(suffix), payload, headers);
    }

    private void store(String subject, String payload, Headers headers) {
        work.manage(management -> work.nats
                .jetStream()
                .publish(NatsMessage.builder()
                        .subject(subject)
                        .headers(headers)
                        .data(payload, StandardCharsets.UTF_8)
                        .build()));
    }

    private void fill(int count) {
        for (int i = 0; i < count - 1; i++) {
            work.nats.publish(subject("item"), Integer.toString(i).getBytes(StandardCharsets.UTF_8));
        }
        publish("item", Integer.toString(count - 1), null);
    }

    private Response page(String query) {
        return when().get("/v1/streams/" + work.stream + "/messages" + query);
    }

    private List<String> data(String query) {
        return data(work.stream, query);
    }

    private List<String> data(String stream, String query) {
        String target = "/v1/streams/" + stream + "/messages" + query;
        List<String> page = when().get(target).then().statusCode(200).extract().path("messages.data");
        List<String> streamed = lines(ndjson(target)).stream()
                .map(line -> line.path("data").textValue())
                .toList();
        assertThat(streamed).isEqualTo(page);
        return page;
    }

    private List<JsonNode> lines(String query) {
        return lines(ndjson("/v1/streams/" + work.stream + "/messages" + query));
    }

    private List<JsonNode> lines(Response response) {
        response.then().statusCode(200).contentType("application/x-ndjson");
        return response.asString().lines().map(this::parse).toList();
    }

    private JsonNode parse(String line) {
        try {
            return json.readTree(line);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    private static Response ndjson(String target) {
        return given().accept("application/x-ndjson").get(target);
    }
}
