package dev.sluice.http.body;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.TestBucket;
import dev.sluice.http.problem.Problem;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that their HTTP/2 clients do not take, in an instance that has room for two of them. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(ResponseBytesIT.TwoResponses.class)
class ResponseBytesIT {
    private static final int SIZE = 100_000;
    private static final String STREAM = "RESPONSES";

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    ResponseBytes bytes;

    private final List<Http2Exchange> open = new ArrayList<>();
    private TestBucket bucket;

    @BeforeEach
    void store() {
        bucket = new TestBucket(server);
        put("large", SIZE);
        put("small", BodyBytes.UNCOUNTED);
    }

    @AfterEach
    void close() {
        open.forEach(Http2Exchange::close);
        await().atMost(Timeouts.LIMIT)
                .untilAsserted(() -> assertThat(bytes.held()).isZero());
        bucket.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys/large", "keys?values=true", "history/large"})
    void countAsLongAsTheClientTakesNothing(String path) {
        Http2Exchange client = begin(path);
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() >= SIZE);

        client.grant(2 * SIZE).finish();

        assertThat(client.end()).isEqualTo(Http2Exchange.End.WHOLE);
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == 0);
    }

    @Test
    void aPageOfMessagesCounts() {
        TestStreams streams = new TestStreams(server);
        streams.create(STREAM, "responses.>");
        streams.store("responses.a", "x".repeat(SIZE));
        open("/v1/streams/" + STREAM + "/messages");

        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() >= SIZE);
        streams.delete(STREAM);
        streams.close();
    }

    @Test
    void areRejectedBeyondTheLimitUntilAClientLeaves() {
        begin("keys/large");
        Http2Exchange second = begin("keys/large");
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == 2 * SIZE);
        long before = bytes.refused();

        given().get(bucket.key("large"))
                .then()
                .statusCode(429)
                .contentType(Problem.MEDIA_TYPE)
                .header("ETag", (String) null);
        assertThat(bytes.refused()).isEqualTo(before + 1);
        given().get(bucket.key("small")).then().statusCode(200);
        given().head(bucket.key("large")).then().statusCode(200);

        second.close();
        await().atMost(Timeouts.LIMIT).until(() -> bytes.held() == SIZE);
        given().get(bucket.key("large")).then().statusCode(200);
    }

    private Http2Exchange begin(String path) {
        return open("/v1/buckets/" + bucket.name + "/" + path);
    }

    private Http2Exchange open(String path) {
        Http2Exchange client = new Http2Exchange(root.getPort(), 0, false);
        open.add(client);
        return client.request("GET", path, true).head();
    }

    private void put(String key, int size) {
        TestBucket.call(() -> bucket.twin.put(key, "x".repeat(size)));
    }

    /** Room for two responses. */
    public static final class TwoResponses implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("sluice.http.response-bytes", Integer.toString(5 * SIZE / 2));
        }
    }
}
