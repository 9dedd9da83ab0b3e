package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One rule for the header {@code Accept} of all resources, whether they have one representation or two. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class AcceptFilterIT {
    private static final List<String> ONE = List.of("/v1/streams", "/v1/streams/STREAM", "/v1/buckets/BUCKET");
    private static final List<String> TWO =
            List.of("/v1/streams/STREAM/messages", "/v1/buckets/BUCKET/keys", "/v1/object-stores/STORE/objects");

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private TestWork work;
    private TestBucket bucket;
    private TestStore store;

    @BeforeEach
    void begin() {
        work = new TestWork(server);
        bucket = new TestBucket(server);
        store = new TestStore(server);
    }

    @AfterEach
    void end() {
        store.close();
        bucket.close();
        work.close();
    }

    private static Stream<Arguments> paths(List<String> headers) {
        return Stream.of(ONE, TWO).flatMap(List::stream).flatMap(path -> headers.stream()
                .map(header -> Arguments.of(path, header)));
    }

    private static Stream<Arguments> empty() {
        return paths(List.of("", " ", ",", ", application/json", "application/json,,", "\r\nAccept: application/json"));
    }

    @ParameterizedTest
    @MethodSource("empty")
    void ignoresEmptyElements(String path, String accept) {
        try (HttpExchange exchange = get(path, accept)) {
            Answer answer = Answer.of(exchange);

            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.type()).startsWith("application/json");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", ", application/json", "text/html, ,application/json"})
    void ignoresEmptyElementsOverHttp2(String accept) {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("GET", filled(TWO.get(0)), true, "accept", accept).finish();

            assertThat(exchange.status()).as(exchange.body()).isEqualTo(200);
        }
    }

    private static Stream<Arguments> excluded() {
        return paths(List.of(
                "application/x-ndjson;q=0", "*/*;q=0", "application/json;q=0", "application/json;q=0, text/html"));
    }

    @ParameterizedTest
    @MethodSource("excluded")
    void sendsNoTypeThatIsExcluded(String path, String accept) {
        try (HttpExchange exchange = get(path, accept)) {
            Answer.of(exchange).isProblem(406, "not-acceptable");
        }
    }

    private static Stream<String> two() {
        return TWO.stream();
    }

    @ParameterizedTest
    @MethodSource("two")
    void sendsTheOtherTypeIfOneIsExcluded(String path) {
        try (HttpExchange exchange = get(path, "application/x-ndjson;q=0, */*")) {
            assertThat(Answer.of(exchange).type()).startsWith("application/json");
        }
        try (HttpExchange exchange = get(path, "application/json;q=0, application/x-ndjson")) {
            assertThat(exchange.head().header("Content-Type")).startsWith("application/x-ndjson");
        }
    }

    private HttpExchange get(String path, String accept) {
        return new HttpExchange(root.getPort())
                .send("GET " + filled(path) + " HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n");
    }

    private String filled(String path) {
        return path.replace("STREAM", work.stream)
                .replace("BUCKET", bucket.name)
                .replace("STORE", store.name);
    }
}
