package dev.sluice.http.body;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.InFlightGauges;
import dev.sluice.http.TestWork;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.LoggedErrors;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.micrometer.core.instrument.MeterRegistry;
import io.nats.client.KeyValue;
import io.nats.client.ObjectStore;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every streamed response, however slowly its client reads it, and whenever the client leaves. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("slow")
class StreamedResponseIT {
    private static final int ITEMS = 20;
    private static final String ITEM = "x".repeat(1_000);
    private static final int OBJECT_SIZE = 300_000;
    private static final String LINES = "application/x-ndjson";
    private static final String EVENTS = "text/event-stream";
    private static final String JSON = "application/json";
    /** Clients that leave before the head. Each may meet another moment of the beginning. */
    private static final int LEAVING_AT_ONCE = 20;
    /** Bytes that a client reads before it pauses or leaves. */
    private static final int SOME = 100;

    /** A request with a streamed response. */
    private enum Streamed {
        TAIL("GET", "/v1/events?subject=STREAM.>&from=all", EVENTS, "", "event: end-of-test"),
        ORDER("GET", "/v1/orders/STREAM/events", EVENTS, "", "\"status\":\"processed\""),
        WATCH("GET", "/v1/buckets/STREAM/events", EVENTS, "", "event: current"),
        OBJECT_WATCH("GET", "/v1/object-stores/STREAM/events", EVENTS, "", "event: current"),
        REPLIES("POST", "/v1/request/STREAM-many?replies=many&max=" + ITEMS, LINES, "x", ""),
        REPLY_EVENTS("POST", "/v1/request/STREAM-many?replies=many&max=" + ITEMS, EVENTS, "x", ""),
        RECEIPTS("POST", "/v1/publish?ack=none", LINES, lines(), ""),
        OBJECT("GET", "/v1/object-stores/STREAM/objects/large", "*/*", "", ""),
        OBJECTS("GET", "/v1/object-stores/STREAM/objects", LINES, "", ""),
        PAGE("GET", "/v1/streams/STREAM/messages?limit=" + ITEMS, JSON, "", ""),
        MESSAGES("GET", "/v1/streams/STREAM/messages?limit=" + ITEMS, LINES, "", ""),
        KEYS("GET", "/v1/buckets/STREAM/keys", LINES, "", ""),
        VALUES("GET", "/v1/buckets/STREAM/keys?values=true", LINES, "", "");

        private final String method;
        private final String path;
        private final String accept;
        private final String body;
        private final String last;

        /** @param last the text after which the test has seen everything; empty if the response ends by itself */
        Streamed(String method, String path, String accept, String body, String last) {
            this.method = method;
            this.path = path;
            this.accept = accept;
            this.body = body;
            this.last = last;
        }

        private static String lines() {
            return "{\"subject\":\"core.x\",\"data\":\"x\"}\n".repeat(ITEMS);
        }

        boolean endless() {
            return !last.isEmpty();
        }
    }

    /** A way to read a whole response. */
    private enum Reading {
        HTTP10,
        HTTP1_PAUSED,
        HTTP2,
        HTTP2_WINDOW_OF_A_KIBIBYTE,
        HTTP2_BYTE_BY_BYTE_THEN_PAUSED
    }

    /** A way to leave before the end. */
    private enum Leaving {
        HTTP1_BEFORE_THE_HEAD,
        HTTP2_BEFORE_THE_HEAD,
        HTTP1_AFTER_THE_HEAD,
        HTTP1_HALFWAY,
        HTTP10_HALFWAY,
        HTTP1_HALF_CLOSED_AFTER_THE_REQUEST,
        HTTP1_HALF_CLOSED_HALFWAY,
        HTTP2_AFTER_THE_HEAD,
        HTTP2_HALFWAY,
        HTTP2_CLOSED_HALFWAY
    }

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @Inject
    MeterRegistry meters;

    private final LoggedErrors errors = new LoggedErrors();
    private TestWork work;
    private double pulls;

    @BeforeEach
    void store() throws Exception {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        work = new TestWork(server);
        work.nats
                .createDispatcher(request -> {
                    for (int i = 0; i < ITEMS; i++) {
                        work.nats.publish(request.getReplyTo(), (i + ITEM).getBytes(StandardCharsets.UTF_8));
                    }
                })
                .subscribe(work.stream + "-many");
        work.nats.flush(Timeouts.LIMIT);
        for (int i = 0; i < ITEMS; i++) {
            work.publish(i + ITEM);
        }
        work.publish("event: end-of-test");
        work.nats
                .keyValueManagement()
                .create(KeyValueConfiguration.builder(work.stream)
                        .storageType(StorageType.Memory)
                        .build());
        KeyValue bucket = work.nats.keyValue(work.stream);
        for (int i = 0; i < ITEMS; i++) {
            bucket.put("key-" + i, ITEM);
        }
        work.nats
                .objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(work.stream)
                        .storageType(StorageType.Memory)
                        .build());
        ObjectStore store = work.nats.objectStore(work.stream);
        store.put("large", new ByteArrayInputStream("o".repeat(OBJECT_SIZE).getBytes(StandardCharsets.US_ASCII)));
        for (int i = 0; i < ITEMS; i++) {
            store.put("object-" + i, new byte[] {1});
        }
        given().contentType(JSON)
                .body("{\"order_id\":\"" + work.stream + "\",\"amount\":1}")
                .post("/v1/orders")
                .then()
                .statusCode(201);
        pulls = pullSubscriptions();
    }

    @AfterEach
    void delete() {
        errors.close();
        work.manage(management -> management.deleteStream("KV_" + work.stream));
        work.manage(management -> management.deleteStream("OBJ_" + work.stream));
        work.close();
    }

    private static Stream<Arguments> everyReading() {
        return Arrays.stream(Streamed.values())
                .flatMap(streamed -> Arrays.stream(Reading.values()).map(reading -> Arguments.of(streamed, reading)));
    }

    @ParameterizedTest
    @MethodSource("everyReading")
    void arrivesEntirely(Streamed streamed, Reading reading) throws Exception {
        String expected = read(http1(streamed, "1.1", 1 << 18), streamed);

        String got = read(streamed, reading);

        if (streamed.endless()) {
            assertThat(got).contains(streamed.last);
        } else {
            assertThat(got).isEqualTo(expected).hasSizeGreaterThan(SOME);
        }
        assertNothingIsUnderWay();
    }

    private static Stream<Arguments> everyLeaving() {
        return Arrays.stream(Streamed.values())
                .flatMap(streamed -> Arrays.stream(Leaving.values()).map(leaving -> Arguments.of(streamed, leaving)));
    }

    @ParameterizedTest
    @MethodSource("everyLeaving")
    void leavesNothingBehindIfItsClientLeaves(Streamed streamed, Leaving leaving) throws Exception {
        leave(streamed, leaving);

        assertNothingIsUnderWay();
        assertThat(read(streamed, Reading.HTTP2)).contains(streamed.last);
    }

    /** Also no consumer, except that of the test itself, and no error in the log. */
    private void assertNothingIsUnderWay() {
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> {
            InFlightGauges.assertZero(meters);
            assertThat(pullSubscriptions()).isEqualTo(pulls);
            for (String stream : List.of(work.stream, "KV_" + work.stream, "OBJ_" + work.stream)) {
                List<String> consumers = work.manage(management -> management.getConsumerNames(stream));
                assertThat(consumers).isSubsetOf(work.consumer);
            }
        });
        assertThat(errors.messages()).isEmpty();
    }

    private double pullSubscriptions() {
        return meters.get("sluice.pull.subscriptions").gauge().value();
    }

    private String read(Streamed streamed, Reading reading) throws IOException {
        switch (reading) {
            case HTTP10 -> {
                return read(http1(streamed, "1.0", 1 << 18), streamed);
            }
            case HTTP1_PAUSED -> {
                HttpExchange exchange = http1(streamed, "1.1", 4_096);
                String begin = "" + (char) exchange.head().read();
                assertAnotherIsServed();
                return rest(exchange, streamed, begin);
            }
            case HTTP2 -> {
                return read(http2(streamed, 65_535, true), streamed);
            }
            case HTTP2_WINDOW_OF_A_KIBIBYTE -> {
                return read(http2(streamed, 1_024, true), streamed);
            }
            case HTTP2_BYTE_BY_BYTE_THEN_PAUSED -> {
                Http2Exchange exchange = http2(streamed, 1, false);
                for (int size = 1; size <= SOME; size++) {
                    exchange.read(size).grant(1);
                }
                assertAnotherIsServed();
                return read(exchange.fence().grant(1 << 24), streamed);
            }
        }
        throw new AssertionError(reading);
    }

    private void leave(Streamed streamed, Leaving leaving) throws IOException {
        switch (leaving) {
            case HTTP1_BEFORE_THE_HEAD -> {
                for (int client = 0; client < LEAVING_AT_ONCE; client++) {
                    http1(streamed, "1.1", 4_096).close();
                }
            }
            case HTTP2_BEFORE_THE_HEAD -> {
                for (int client = 0; client < LEAVING_AT_ONCE; client++) {
                    reset(http2(streamed, 0, false));
                }
            }
            case HTTP1_AFTER_THE_HEAD -> http1(streamed, "1.1", 4_096).head().close();
            case HTTP1_HALFWAY -> leaveHalfway(http1(streamed, "1.1", 4_096));
            case HTTP10_HALFWAY -> leaveHalfway(http1(streamed, "1.0", 4_096));
            case HTTP1_HALF_CLOSED_AFTER_THE_REQUEST ->
                http1(streamed, "1.1", 4_096).halfClose();
            case HTTP1_HALF_CLOSED_HALFWAY -> {
                HttpExchange exchange = http1(streamed, "1.1", 4_096).head();
                assertThat(exchange.read()).isNotNegative();
                exchange.halfClose();
            }
            case HTTP2_AFTER_THE_HEAD -> reset(http2(streamed, 0, false).head());
            case HTTP2_HALFWAY -> reset(http2(streamed, SOME, false).read(SOME));
            case HTTP2_CLOSED_HALFWAY -> http2(streamed, SOME, false).read(SOME).close();
        }
    }

    private static void leaveHalfway(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.head();
            for (int i = 0; i < SOME; i++) {
                assertThat(exchange.read()).isNotNegative();
            }
        }
    }

    private static void reset(Http2Exchange exchange) {
        try (exchange) {
            exchange.reset(Http2Exchange.CANCEL).fence();
        }
    }

    private void assertAnotherIsServed() {
        given().get("/v1/streams/" + work.stream).then().statusCode(200);
    }

    private static String read(HttpExchange exchange, Streamed streamed) throws IOException {
        assertThat(exchange.head().status()).isEqualTo(200);
        return rest(exchange, streamed, "");
    }

    private static String rest(HttpExchange exchange, Streamed streamed, String begin) throws IOException {
        try (exchange) {
            if (!streamed.endless()) {
                return begin + exchange.body();
            }
            StringBuilder read = new StringBuilder(begin);
            while (read.indexOf(streamed.last, Math.max(0, read.length() - streamed.last.length())) < 0) {
                int b = exchange.read();
                if (b < 0) {
                    throw new EOFException("ended after " + read);
                }
                read.append((char) b);
            }
            return read.toString();
        }
    }

    private static String read(Http2Exchange exchange, Streamed streamed) {
        try (exchange) {
            if (streamed.endless()) {
                while (exchange.end() == null && !exchange.body().contains(streamed.last)) {
                    exchange.read(exchange.body().length() + 1);
                }
                exchange.reset(Http2Exchange.CANCEL).fence();
            } else {
                assertThat(exchange.finish().end()).isEqualTo(Http2Exchange.End.WHOLE);
            }
            assertThat(exchange.status()).isEqualTo(200);
            return exchange.body();
        }
    }

    private HttpExchange http1(Streamed streamed, String version, int receiveBuffer) {
        return new HttpExchange(root.getPort(), receiveBuffer)
                .send(streamed.method + " " + path(streamed) + " HTTP/" + version
                        + "\r\nHost: localhost\r\nContent-Type: " + LINES + "\r\nAccept: " + streamed.accept
                        + "\r\nContent-Length: " + streamed.body.length() + "\r\n\r\n" + streamed.body);
    }

    private Http2Exchange http2(Streamed streamed, int window, boolean granting) {
        Http2Exchange exchange = new Http2Exchange(root.getPort(), window, granting);
        boolean empty = streamed.body.isEmpty();
        exchange.request(streamed.method, path(streamed), empty, "content-type", LINES, "accept", streamed.accept);
        return empty ? exchange : exchange.data(streamed.body, true);
    }

    private String path(Streamed streamed) {
        return streamed.path.replace("STREAM", work.stream);
    }
}
