package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.Http2Exchange;
import dev.sluice.support.LoggedErrors;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.micrometer.core.instrument.MeterRegistry;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every accepted body in every HTTP framing, and every response, even if the client reads little of it. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class WireIT {
    private static final String TEXT = "text/plain";
    private static final String JSON = "application/json";
    private static final String LINES = "application/x-ndjson";
    private static final String EVENT = "application/cloudevents+json";
    private static final String BATCH = "application/cloudevents-batch+json";
    private static final String CONSUMERS = "/v1/streams/STREAM/consumers/";

    /** One request for each operation and media type of a body. */
    private enum Operation {
        PUBLISH_STORED("POST", "/v1/publish/STREAM.x", TEXT, "hello", 201, 1, "\"seq\":1", WireIT::stored, 1),
        PUBLISH_NONE("POST", "/v1/publish/STREAM.x?ack=none", TEXT, "hello", 202, 0, "", WireIT::stored, 1),
        PUBLISH_EVENT("POST", "/v1/publish/STREAM.x", EVENT, event(), 201, 1, "\"seq\":1", WireIT::stored, 1),
        PUBLISH_BATCH("POST", "/v1/publish/STREAM.x", BATCH, batch(), 200, 2, "\"seq\":2", WireIT::stored, 2),
        BULK_STORED("POST", "/v1/publish", LINES, lines(3), 200, 3, "\"seq\":3", WireIT::stored, 3),
        BULK_NONE("POST", "/v1/publish?ack=none", LINES, lines(3), 200, 3, "\"line\":3", WireIT::stored, 3),
        BULK_ATOMIC("POST", "/v1/publish?atomic=true", LINES, lines(3), 501, 1, "not-supported", WireIT::stored, 0),
        BULK_ALL_OR_NONE(
                "POST",
                "/v1/publish?atomic=true",
                LINES,
                lines(3).replace("STREAM.x", "STREAM-2"),
                201,
                1,
                "\"stream\":\"STREAM-2\"",
                test -> test.stored(test.work.stream + "-2"),
                3),
        REQUEST("POST", "/v1/request/STREAM-service", TEXT, "hello", 200, 1, "hello", WireIT::requested, 1),
        ORDER("POST", "/v1/orders", JSON, order(), 201, 1, "\"ORDERS\"", test -> test.found("/v1/orders/STREAM"), 1),
        STREAM(
                "PUT",
                "/v1/streams/STREAM-2",
                JSON,
                "{\"subjects\":[\"STREAM-2\"]}",
                201,
                1,
                "STREAM-2",
                streams("-2"),
                1),
        PURGE("POST", "/v1/streams/STREAM/purge", JSON, "{}", 200, 1, "\"purged\":3", test -> 3 - test.stored(), 3),
        CONSUMER("PUT", CONSUMERS + "c", JSON, "{\"ack_wait\":\"30s\"}", 201, 1, "\"c\"", WireIT::otherConsumers, 1),
        PAUSE("POST", CONSUMERS + "worker/pause", JSON, until(), 200, 1, "\"paused\":true", WireIT::paused, 1),
        RESET("POST", CONSUMERS + "worker/reset", JSON, "{\"seq\":1}", 200, 1, "\"worker\"", WireIT::undelivered, 1),
        FETCH_JSON(
                "POST", CONSUMERS + "worker/fetch", JSON, "{\"batch\":3}", 200, 1, "ack_token", WireIT::delivered, 3),
        FETCH_LINES(
                "POST", CONSUMERS + "worker/fetch", JSON, "{\"batch\":3}", 200, 3, "ack_token", WireIT::delivered, 3),
        ACK("POST", CONSUMERS + "worker/ack", JSON, "{\"acks\":[\"x\"]}", 200, 1, "\"failed\":[{", test -> 0, 0),
        BUCKET("PUT", "/v1/buckets/STREAM", JSON, "{\"history\":2}", 201, 1, "\"history\":2", streams("KV_"), 1),
        KEY("PUT", "/v1/buckets/STREAM/keys/a", TEXT, "hello", 201, 1, "\"revision\":1", stored("KV_"), 1),
        STORE("PUT", "/v1/object-stores/STREAM", JSON, "{}", 201, 1, "\"sealed\":false", streams("OBJ_"), 1),
        OBJECT("PUT", "/v1/object-stores/STREAM/objects/a", TEXT, "hello", 201, 1, "\"size\":5", stored("OBJ_"), 2),
        OBJECT_IN_CHUNKS(
                "PUT",
                "/v1/object-stores/STREAM/objects/a",
                TEXT,
                "x".repeat(300_000),
                201,
                1,
                "\"size\":300000",
                stored("OBJ_"),
                3 + 1),
        PRICE(
                "PUT",
                "/v1/prices/STREAM",
                JSON,
                "{\"price\":1}",
                204,
                0,
                "",
                test -> test.found("/v1/prices/STREAM"),
                1),
        TICKET("POST", "/v1/tickets", TEXT, "nobody reads this", 200, 1, "ticket", test -> 0, 0);

        private final String method;
        private final String path;
        private final String type;
        private final String body;
        private final int status;
        private final int answerLines;
        private final String answer;
        private final ToLongFunction<WireIT> effect;
        private final long whole;

        /**
         * @param answer part of every complete response
         * @param effect measures what a request has changed
         * @param whole the effect of a complete request
         */
        Operation(
                String method,
                String path,
                String type,
                String body,
                int status,
                int answerLines,
                String answer,
                ToLongFunction<WireIT> effect,
                long whole) {
            this.method = method;
            this.path = path;
            this.type = type;
            this.body = body;
            this.status = status;
            this.answerLines = answerLines;
            this.answer = answer;
            this.effect = effect;
            this.whole = whole;
        }

        private static String lines(int count) {
            return "{\"subject\":\"STREAM.x\",\"data\":\"x\"}\n".repeat(count);
        }

        private static String event() {
            return "{\"specversion\":\"1.0\",\"id\":\"STREAM\",\"source\":\"/wire\",\"type\":\"wire\"}";
        }

        private static String batch() {
            return "[" + event() + "," + event().replace("STREAM", "STREAM-2") + "]";
        }

        private static String order() {
            return "{\"order_id\":\"STREAM\",\"amount\":1}";
        }

        private static String until() {
            return "{\"until\":\"2099-01-01T00:00:00Z\"}";
        }

        private static ToLongFunction<WireIT> streams(String affix) {
            return test -> test.work.manage(JetStreamManagement::getStreamNames).stream()
                    .filter(name -> name.equals(affix + test.work.stream) || name.equals(test.work.stream + affix))
                    .count();
        }

        private static ToLongFunction<WireIT> stored(String prefix) {
            return test -> test.stored(prefix + test.work.stream);
        }

        String accept() {
            return this == FETCH_LINES ? "application/x-ndjson" : "*/*";
        }

        /** Returns whether parts of an incomplete body have an effect. */
        boolean inParts() {
            return this == BULK_STORED || this == BULK_NONE;
        }
    }

    /** A way to send a complete request. */
    private enum Way {
        HTTP1_LENGTH,
        HTTP1_CHUNKED,
        HTTP1_BYTE_BY_BYTE,
        HTTP10,
        HTTP10_KEPT_ALIVE,
        HTTP2_LENGTH,
        HTTP2_UNKNOWN_LENGTH,
        HTTP2_EMPTY_LAST_FRAME,
        HTTP2_EMPTY_FRAMES_BETWEEN,
        HTTP2_BYTE_BY_BYTE,
        HTTP2_WINDOW_OF_A_BYTE,
        HTTP2_WINDOW_OF_A_KIBIBYTE
    }

    /** A way to abort an exchange. */
    private enum Break {
        HTTP1_CLOSED_IN_THE_BODY,
        HTTP1_HALF_CLOSED_IN_THE_BODY,
        HTTP1_CHUNKS_WITHOUT_THE_LAST,
        HTTP1_CLOSED_WITHOUT_READING,
        HTTP2_RESET_IN_THE_BODY,
        HTTP2_ENDED_BEFORE_THE_LENGTH,
        HTTP2_RESET_WITHOUT_READING;

        /** Returns whether the request was complete before. */
        boolean afterTheBody() {
            return this == HTTP1_CLOSED_WITHOUT_READING || this == HTTP2_RESET_WITHOUT_READING;
        }
    }

    private record Got(int status, String body) {}

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    @Inject
    MeterRegistry meters;

    private final AtomicInteger requests = new AtomicInteger();
    private final LoggedErrors errors = new LoggedErrors();
    private TestWork work;

    @BeforeEach
    void begin() throws Exception {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        work = new TestWork(server);
        Dispatcher echo = work.nats.createDispatcher(message -> {
            requests.incrementAndGet();
            work.nats.publish(message.getReplyTo(), message.getData());
        });
        echo.subscribe(work.stream + "-service");
        work.nats.flush(Timeouts.LIMIT);
    }

    @AfterEach
    void end() {
        errors.close();
        work.manage(management -> {
            for (String name : management.getStreamNames()) {
                if (name.contains(work.stream) && !name.equals(work.stream)) {
                    management.deleteStream(name);
                }
            }
            return null;
        });
        work.close();
    }

    @Test
    void triesEveryBodyOfTheContract() {
        Set<String> untried = new TreeSet<>();
        Contract.ofSources().operations().forEach((operation, described) -> described
                .path("requestBody")
                .path("content")
                .fieldNames()
                .forEachRemaining(type -> untried.add(operation + " " + type)));

        for (Operation tried : Operation.values()) {
            untried.removeIf(body -> {
                String[] parts = body.split(" ");
                return parts[0].equals(tried.method)
                        && fill(tried.path).replaceFirst("\\?.*", "").matches(parts[1].replaceAll("\\{\\w+}", "[^/]+"))
                        && (parts[2].equals("*/*") || parts[2].equals(tried.type));
            });
        }

        assertThat(untried).isEmpty();
    }

    private static Stream<Arguments> everyWay() {
        return Arrays.stream(Operation.values())
                .flatMap(operation -> Arrays.stream(Way.values()).map(way -> Arguments.of(operation, way)));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    @Tag("slow")
    void isAcceptedAndAnsweredEntirely(Operation operation, Way way) throws Exception {
        prepare(operation);

        Got got = send(operation, way);

        assertThat(got.status()).as(got.body()).isEqualTo(operation.status);
        assertThat(got.body()).contains(fill(operation.answer));
        assertThat(got.body().lines()).hasSize(operation.answerLines);
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(operation.effect.applyAsLong(this))
                .isEqualTo(operation.whole));
        assertThat(errors.messages()).isEmpty();
    }

    private static Stream<Arguments> everyBreak() {
        return Arrays.stream(Operation.values())
                .flatMap(operation -> Arrays.stream(Break.values()).map(how -> Arguments.of(operation, how)));
    }

    @ParameterizedTest
    @MethodSource("everyBreak")
    @Tag("slow")
    void canBeAbortedWithoutHarm(Operation operation, Break how) throws Exception {
        prepare(operation);

        breakOff(operation, how);

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> InFlightGauges.assertZero(meters));
        if (!operation.inParts()) {
            await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(operation.effect.applyAsLong(this))
                    .isIn(how.afterTheBody() ? List.of(0L, operation.whole) : List.of(0L)));
        }
        Got next = send(Operation.BULK_STORED, Way.HTTP2_EMPTY_LAST_FRAME);
        assertThat(next.body().lines()).hasSize(3);
        assertThat(errors.messages()).isEmpty();
    }

    /** The server takes the half-close of an HTTP/1.1 client as its close. A response may still have been sent before. */
    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void doesWhatItAnswersToAClientThatHalfClosesAfterItsRequest(Operation operation) throws Exception {
        prepare(operation);

        String answer = halfClose(operation);

        if (!answer.isEmpty()) {
            assertThat(answer).startsWith("HTTP/1.1 " + operation.status);
        }
        long acknowledged = answer.isEmpty() || operation.inParts() ? receipts(answer) : operation.whole;
        await().atMost(Timeouts.LIMIT).untilAsserted(() -> {
            InFlightGauges.assertZero(meters);
            assertThat(operation.effect.applyAsLong(this)).isBetween(acknowledged, operation.whole);
        });
        assertThat(errors.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?ack=none"})
    void carriesThousandsOfLinesOfUnknownLength(String query) {
        int lines = 3_000;
        byte[] body = Operation.lines(lines).replace("STREAM", work.stream).getBytes(StandardCharsets.UTF_8);
        try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
            exchange.request("POST", "/v1/publish" + query, false, "content-type", "application/x-ndjson")
                    .data(body, false)
                    .data("", true)
                    .finish();

            assertThat(exchange.end()).isEqualTo(Http2Exchange.End.WHOLE);
            assertThat(exchange.lines()).hasSize(lines).noneMatch(line -> line.contains("problem"));
        }
    }

    /** The JDK client upgrades from HTTP/1.1. */
    @ParameterizedTest
    @EnumSource(names = {"BULK_STORED", "BULK_NONE", "PUBLISH_STORED", "ORDER", "FETCH_LINES"})
    void isAcceptedFromTheJdkClient(Operation operation) throws Exception {
        prepare(operation);
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(root.resolve(fill(operation.path)))
                            .header("Content-Type", operation.type)
                            .header("Accept", operation.accept())
                            .POST(HttpRequest.BodyPublishers.ofInputStream(
                                    () -> new ByteArrayInputStream(body(operation))))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.statusCode()).isIn(200, operation.status);
            prepare(operation);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1024})
    void showsATailThroughASmallWindow(int window) {
        try (Http2Exchange exchange = new Http2Exchange(root.getPort(), window, true)) {
            exchange.request("GET", "/v1/events?subject=" + work.stream + ".>&from=all", true)
                    .head();
            assertThat(exchange.status()).isEqualTo(200);
            work.publish("hello");
            while (!exchange.body().contains("\"data\":\"hello\"")) {
                exchange.read(exchange.body().length() + 1);
            }
            exchange.reset(Http2Exchange.CANCEL).fence();
        }
        assertThat(errors.messages()).isEmpty();
    }

    @Test
    void showsTheStatesOfAnOrderThroughASmallWindow() throws Exception {
        send(Operation.ORDER, Way.HTTP1_LENGTH);
        try (Http2Exchange exchange = new Http2Exchange(root.getPort(), 1, true)) {
            exchange.request("GET", "/v1/orders/" + work.stream + "/events", true);
            while (!exchange.body().contains("\"status\":\"processed\"")) {
                exchange.read(exchange.body().length() + 1);
            }
            exchange.reset(Http2Exchange.CANCEL).fence();
        }
        assertThat(errors.messages()).isEmpty();
    }

    /** The client leaves while the first line is in transit. */
    @Test
    void aClientThatLeavesAFetchIsNotAnError() {
        work.publish("x".repeat(100_000));
        try (Http2Exchange exchange = new Http2Exchange(root.getPort(), 1_000, false)) {
            exchange.request(
                            "POST",
                            fill(Operation.FETCH_LINES.path),
                            false,
                            "content-type",
                            "application/json",
                            "accept",
                            "application/x-ndjson")
                    .data("{\"batch\":2}", true)
                    .read(1_000)
                    .reset(Http2Exchange.CANCEL)
                    .fence();
        }

        work.fetch("{\"batch\":1,\"expires\":\"20s\"}").then().statusCode(200);
        assertThat(errors.messages()).isEmpty();
    }

    private void prepare(Operation operation) throws Exception {
        switch (operation) {
            case FETCH_JSON, FETCH_LINES, PURGE -> publishThree();
            case BULK_ALL_OR_NONE -> {
                assumeTrue(isSince("2.12.0"), "an atomic publish needs nats-server 2.12");
                work.manage(management -> management.addStream(StreamConfiguration.builder()
                        .name(work.stream + "-2")
                        .storageType(StorageType.Memory)
                        .allowAtomicPublish()
                        .build()));
            }
            case PAUSE -> assumeTrue(isSince("2.11.0"), "a pause needs nats-server 2.11");
            case RESET -> {
                assumeTrue(isSince("2.14.0"), "a reset needs nats-server 2.14");
                publishThree();
                work.token();
            }
            case KEY ->
                work.nats
                        .keyValueManagement()
                        .create(KeyValueConfiguration.builder(work.stream)
                                .storageType(StorageType.Memory)
                                .build());
            case OBJECT, OBJECT_IN_CHUNKS ->
                work.nats
                        .objectStoreManagement()
                        .create(ObjectStoreConfiguration.builder(work.stream)
                                .storageType(StorageType.Memory)
                                .build());
            default -> {}
        }
    }

    private void publishThree() {
        work.publish("1");
        work.publish("2");
        work.publish("3");
    }

    private boolean isSince(String version) {
        return work.nats.getServerInfo().isSameOrNewerThanVersion(version);
    }

    private long stored() {
        return stored(work.stream);
    }

    /** Returns the number of messages in the stream. */
    private long stored(String stream) {
        return work.manage(
                management -> management.getStreamInfo(stream).getStreamState().getMsgCount());
    }

    private long requested() {
        return requests.get();
    }

    private long otherConsumers() {
        return work.manage(management -> management.getConsumerNames(work.stream)).stream()
                .filter(name -> !name.equals(work.consumer))
                .count();
    }

    private long delivered() {
        return work.info().getDelivered().getConsumerSequence();
    }

    private long undelivered() {
        return 1 - delivered();
    }

    private long paused() {
        return Boolean.TRUE.equals(work.info().getPaused()) ? 1 : 0;
    }

    private long found(String path) {
        return given().get(fill(path)).statusCode() == 200 ? 1 : 0;
    }

    private String fill(String text) {
        return text.replace("STREAM", work.stream);
    }

    private byte[] body(Operation operation) {
        return fill(operation.body).getBytes(StandardCharsets.UTF_8);
    }

    private Got send(Operation operation, Way way) throws IOException {
        byte[] body = body(operation);
        String length = "Content-Length: " + body.length + "\r\n";
        return switch (way) {
            case HTTP1_LENGTH -> http1(head(operation, "1.1", length + "Connection: close\r\n"), body);
            case HTTP1_CHUNKED ->
                http1(
                        head(operation, "1.1", "Transfer-Encoding: chunked\r\nConnection: close\r\n"),
                        chunks(body, Math.max(1, body.length)));
            case HTTP1_BYTE_BY_BYTE ->
                http1(head(operation, "1.1", "Transfer-Encoding: chunked\r\nConnection: close\r\n"), chunks(body, 1));
            case HTTP10 -> http1(head(operation, "1.0", length), body);
            case HTTP10_KEPT_ALIVE -> http1(head(operation, "1.0", length + "Connection: keep-alive\r\n"), body);
            case HTTP2_LENGTH -> {
                try (Http2Exchange exchange = http2(operation, 65_535, true)) {
                    yield whole(exchange.data(body, true));
                }
            }
            case HTTP2_UNKNOWN_LENGTH -> {
                try (Http2Exchange exchange = http2(operation, 65_535, false)) {
                    yield whole(exchange.data(body, true));
                }
            }
            case HTTP2_EMPTY_LAST_FRAME -> {
                try (Http2Exchange exchange = http2(operation, 65_535, false)) {
                    yield whole(exchange.data(body, false).data("", true));
                }
            }
            case HTTP2_EMPTY_FRAMES_BETWEEN -> {
                try (Http2Exchange exchange = http2(operation, 65_535, false)) {
                    int half = body.length / 2;
                    yield whole(exchange.data("", false)
                            .data(Arrays.copyOf(body, half), false)
                            .data("", false)
                            .data(Arrays.copyOfRange(body, half, body.length), false)
                            .data("", true));
                }
            }
            case HTTP2_BYTE_BY_BYTE -> {
                try (Http2Exchange exchange = http2(operation, 65_535, false)) {
                    for (byte b : body) {
                        exchange.data(new byte[] {b}, false);
                    }
                    yield whole(exchange.data("", true));
                }
            }
            case HTTP2_WINDOW_OF_A_BYTE -> {
                try (Http2Exchange exchange = http2(operation, 1, false)) {
                    yield whole(exchange.data(body, true));
                }
            }
            case HTTP2_WINDOW_OF_A_KIBIBYTE -> {
                try (Http2Exchange exchange = http2(operation, 1_024, false)) {
                    yield whole(exchange.data(body, true));
                }
            }
        };
    }

    private void breakOff(Operation operation, Break how) throws IOException {
        byte[] body = body(operation);
        String longer = "Content-Length: " + (body.length + 10) + "\r\n";
        switch (how) {
            case HTTP1_CLOSED_IN_THE_BODY -> {
                try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
                    send(socket, head(operation, "1.1", longer), body);
                }
            }
            case HTTP1_HALF_CLOSED_IN_THE_BODY -> {
                try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
                    send(socket, head(operation, "1.1", longer), body);
                    socket.shutdownOutput();
                    drain(socket, OutputStream.nullOutputStream());
                }
            }
            case HTTP1_CHUNKS_WITHOUT_THE_LAST -> {
                byte[] chunks = chunks(body, Math.max(1, body.length));
                try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
                    send(
                            socket,
                            head(operation, "1.1", "Transfer-Encoding: chunked\r\n"),
                            Arrays.copyOf(chunks, chunks.length - 5));
                }
            }
            case HTTP1_CLOSED_WITHOUT_READING -> {
                try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
                    send(socket, head(operation, "1.1", "Content-Length: " + body.length + "\r\n"), body);
                }
            }
            case HTTP2_RESET_IN_THE_BODY -> {
                try (Http2Exchange exchange = http2(operation, 65_535, false)) {
                    exchange.data(body, false).reset(Http2Exchange.CANCEL).fence();
                }
            }
            case HTTP2_ENDED_BEFORE_THE_LENGTH -> {
                try (Http2Exchange exchange = new Http2Exchange(root.getPort())) {
                    exchange.request(
                                    operation.method,
                                    fill(operation.path),
                                    false,
                                    "content-type",
                                    operation.type,
                                    "content-length",
                                    Integer.toString(body.length + 10))
                            .data(body, true)
                            .finish();
                    assertThat(exchange.end() == Http2Exchange.End.WHOLE && exchange.status() < 300)
                            .as("taken for whole: " + exchange.status() + exchange.body())
                            .isFalse();
                }
            }
            case HTTP2_RESET_WITHOUT_READING -> {
                try (Http2Exchange exchange = http2(operation, 1, false)) {
                    exchange.data(body, true).head().reset(Http2Exchange.CANCEL).fence();
                }
            }
        }
    }

    private Http2Exchange http2(Operation operation, int window, boolean length) {
        Http2Exchange exchange = new Http2Exchange(root.getPort(), window, true);
        String[] headers = {"content-type", operation.type, "accept", operation.accept()};
        if (length) {
            headers = new String[] {
                "content-type",
                operation.type,
                "accept",
                operation.accept(),
                "content-length",
                Integer.toString(body(operation).length)
            };
        }
        return exchange.request(operation.method, fill(operation.path), false, headers);
    }

    private static Got whole(Http2Exchange exchange) {
        exchange.finish();
        assertThat(exchange.end())
                .as("code " + exchange.code() + ", " + exchange.status() + ": " + exchange.body())
                .isEqualTo(Http2Exchange.End.WHOLE);
        return new Got(exchange.status(), exchange.body());
    }

    private String head(Operation operation, String version, String headers) {
        return operation.method + " " + fill(operation.path) + " HTTP/" + version
                + "\r\nHost: localhost\r\nContent-Type: " + operation.type + "\r\nAccept: " + operation.accept()
                + "\r\n" + headers + "\r\n";
    }

    /** Returns the response. A response of unknown length that is not chunked must end with the connection. */
    private Got http1(String head, byte[] body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
            socket.setSoTimeout((int) Timeouts.LIMIT.toMillis());
            send(socket, head, body);
            InputStream in = socket.getInputStream();
            String answerHead = head(in);
            int status = Integer.parseInt(answerHead.split(" ")[1]);
            String lower = answerHead.toLowerCase(java.util.Locale.ROOT);
            if (lower.contains("transfer-encoding: chunked")) {
                assertThat(head).contains("HTTP/1.1");
                return new Got(status, unchunked(in));
            }
            int at = lower.indexOf("content-length: ");
            if (at < 0 && status != 204) {
                return new Got(status, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
            int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at)));
            return new Got(status, new String(in.readNBytes(length), StandardCharsets.UTF_8));
        }
    }

    private static void send(Socket socket, String head, byte[] body) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    /** Sends a complete request and half-closes. Returns what arrives until the server closes. */
    private String halfClose(Operation operation) throws IOException {
        byte[] body = body(operation);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
            send(socket, head(operation, "1.1", "Content-Length: " + body.length + "\r\n"), body);
            socket.shutdownOutput();
            drain(socket, answer);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    private static long receipts(String answer) {
        return answer.lines().filter(line -> line.startsWith("{\"line\":")).count();
    }

    private static void drain(Socket socket, OutputStream to) throws IOException {
        socket.setSoTimeout((int) Timeouts.LIMIT.toMillis());
        try {
            socket.getInputStream().transferTo(to);
        } catch (java.net.SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            assertThat(b).as("the connection ended within the head: " + head).isNotNegative();
            head.append((char) b);
        }
        return head.toString();
    }

    private static String unchunked(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            body.writeBytes(in.readNBytes(size));
            line(in);
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            assertThat(b).as("the answer ended without its last chunk").isNotNegative();
            line.append((char) b);
        }
        return line.toString().strip();
    }

    private static byte[] chunks(byte[] body, int size) {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; at += size) {
            int length = Math.min(size, body.length - at);
            chunks.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunks.write(body, at, length);
            chunks.writeBytes(new byte[] {'\r', '\n'});
        }
        chunks.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return chunks.toByteArray();
    }
}
