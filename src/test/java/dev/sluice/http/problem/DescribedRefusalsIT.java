package dev.sluice.http.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.http.Answer;
import dev.sluice.http.Contract;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.LowRateLimitResource;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.SecuredResource;
import dev.sluice.support.Timeouts;
import dev.sluice.support.TokenIssuer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Provokes every 4xx response that {@code openapi.yaml} describes, in each operation that describes it. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@QuarkusTestResource(value = SecuredResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = LowRateLimitResource.class, restrictToAnnotatedClass = true)
@Tag("slow")
class DescribedRefusalsIT {
    private static final Contract CONTRACT = Contract.ofSources();
    private static final int LONG = 9_000;
    private static final int LARGE = 17_000;
    private static final int LARGE_LINE = 1_600_000;
    private static final int LARGE_ORDER = 1_000_000;
    private static final int MANY = 200;

    /** Requests that provoke a rejection of one operation, if they are not the same for all operations. */
    private static final String SPECIAL = """
            POST /v1/publish/{subject} 404                           | no-stream | /v1/publish/nobody.stores.this | | x
            POST /v1/publish/{subject} 406                           | not-acceptable | /v1/publish/work.x | Accept: image/png | x
            POST /v1/publish/{subject} 415                           | unsupported-media-type | /v1/publish/work.x | Content-Type: application/cloudevents+avro | x
            POST /v1/publish/{subject} 412                           | wrong-sequence | /v1/publish/work.x | Nats-Expected-Last-Sequence: 999 | x
            POST /v1/publish 404                                     | no-stream | /v1/publish?atomic=true | | {"subject":"nobody.stores.this","data":""}
            POST /v1/publish 408                                     | request-timeout | /v1/publish?atomic=true | Content-Length: 99 | {
            POST /v1/publish 412                                     | wrong-sequence | /v1/publish?atomic=true | | {"subject":"work.x","data":"","expected_last_subject_sequence":999}
            POST /v1/publish 413                                     | too-large | /v1/publish?atomic=true | | LARGE
            POST /v1/request/{subject} 406                           | not-acceptable | /v1/request/x.y?replies=many | Accept: image/png | x
            GET /v1/events 404                                       | no-stream | /v1/events?source=stream&subject=nobody.stores.this | |
            GET /v1/streams/{stream} 404                             | no-stream | | |
            PUT /v1/streams/{stream} 409                             | conflict | /v1/streams/KEPT | | {"subjects":["kept.>"],"storage":"memory"}
            DELETE /v1/streams/{stream} 404                          | no-stream | /v1/streams/NONE | |
            POST /v1/streams/{stream}/purge 404                      | no-stream | /v1/streams/NONE/purge | | {}
            POST /v1/streams/{stream}/purge 409                      | conflict | /v1/streams/KEPT/purge | | {}
            DELETE /v1/streams/{stream}/messages/{seq} 404           | no-message | /v1/streams/WORK/messages/999 | |
            DELETE /v1/streams/{stream}/messages/{seq} 409           | conflict | /v1/streams/KEPT/messages/1 | |
            GET /v1/streams/{stream}/messages 404                    | no-stream | /v1/streams/NONE/messages | |
            GET /v1/streams/{stream}/messages 406                    | not-acceptable | /v1/streams/WORK/messages | Accept: image/png |
            GET /v1/streams/{stream}/messages/{seq} 406              | not-acceptable | /v1/streams/KEPT/messages/1 | Accept: application/cloudevents+json |
            GET /v1/streams/{stream}/messages/{seq} 404              | no-message | /v1/streams/WORK/messages/999 | |
            GET /v1/streams/{stream}/consumers 404                   | no-stream | | |
            GET /v1/streams/{stream}/consumers/{consumer} 404        | no-consumer | /v1/streams/WORK/consumers/nobody | |
            POST /v1/streams/{stream}/consumers/{consumer}/fetch 406 | not-acceptable | /v1/streams/WORK/consumers/fixed/fetch | Accept: image/png | {"no_wait":true}
            PUT /v1/streams/{stream}/consumers/{consumer} 404        | no-stream | | | {}
            PUT /v1/streams/{stream}/consumers/{consumer} 409        | conflict | /v1/streams/WORK/consumers/fixed | | {"deliver":"all"}
            DELETE /v1/streams/{stream}/consumers/{consumer} 404     | no-consumer | /v1/streams/WORK/consumers/nobody | |
            POST /v1/streams/{stream}/consumers/{consumer}/fetch 404 | no-consumer | /v1/streams/WORK/consumers/nobody/fetch | | {}
            POST /v1/streams/{stream}/consumers/{consumer}/fetch 409 | conflict | /v1/streams/WORK/consumers/pushed/fetch | | {}
            POST /v1/streams/{stream}/consumers/{consumer}/pause 400  | invalid | | | {"until":"2001-01-01T00:00:00Z"}
            POST /v1/streams/{stream}/consumers/{consumer}/pause 404  | no-consumer | /v1/streams/WORK/consumers/nobody/pause | | {"until":"2099-01-01T00:00:00Z"}
            POST /v1/streams/{stream}/consumers/{consumer}/pause 403  | forbidden | | Origin: https://evil.example | {"until":"2099-01-01T00:00:00Z"}
            POST /v1/streams/{stream}/consumers/{consumer}/pause 406  | not-acceptable | | Accept: image/png | {"until":"2099-01-01T00:00:00Z"}
            POST /v1/streams/{stream}/consumers/{consumer}/resume 404 | no-consumer | /v1/streams/WORK/consumers/nobody/resume | |
            POST /v1/streams/{stream}/consumers/{consumer}/reset 404  | no-consumer | /v1/streams/WORK/consumers/nobody/reset | | {}
            POST /v1/streams/{stream}/consumers/{consumer}/reset 409  | conflict | /v1/streams/WORK/consumers/fixed/reset | | {"seq":1}
            GET /v1/orders/{orderId} 404                             | not-found | | |
            GET /v1/orders/{orderId}/events 404                      | not-found | | |
            GET /v1/prices/{productId} 404                           | not-found | | |
            GET /v1/dead-letters/{seq} 404                           | no-message | | |
            DELETE /v1/dead-letters/{seq} 404                        | no-message | | |
            POST /v1/dead-letters/{seq}/redrive 404                  | no-message | | |
            POST /v1/dead-letters/{seq}/redrive 413                  | too-large | /v1/dead-letters/1/redrive | |
            GET /v1/buckets/{bucket} 404                             | no-bucket | /v1/buckets/none | |
            PUT /v1/buckets/{bucket} 409                             | conflict | /v1/buckets/refusals | | {"storage":"memory"}
            DELETE /v1/buckets/{bucket} 404                          | no-bucket | /v1/buckets/none | |
            GET /v1/buckets/{bucket}/keys 404                        | no-bucket | /v1/buckets/none/keys | |
            GET /v1/buckets/{bucket}/keys 406                        | not-acceptable | /v1/buckets/refusals/keys | Accept: image/png |
            GET /v1/buckets/{bucket}/keys/{key} 404                  | no-key | /v1/buckets/refusals/keys/none | |
            GET /v1/buckets/{bucket}/keys/{key} 412                  | wrong-revision | /v1/buckets/refusals/keys/large | If-Match: "9999" |
            PUT /v1/buckets/{bucket}/keys/{key} 404                  | no-bucket | /v1/buckets/none/keys/a | | x
            PUT /v1/buckets/{bucket}/keys/{key} 409                  | conflict | /v1/buckets/sealed/keys/a | | x
            DELETE /v1/buckets/{bucket}/keys/{key} 409               | conflict | /v1/buckets/sealed/keys/a | |
            PUT /v1/buckets/{bucket}/keys/{key} 412                  | wrong-revision | /v1/buckets/refusals/keys/a | If-Match: "9999" | x
            DELETE /v1/buckets/{bucket}/keys/{key} 404               | no-bucket | /v1/buckets/none/keys/a | |
            DELETE /v1/buckets/{bucket}/keys/{key} 412               | wrong-revision | /v1/buckets/refusals/keys/a | If-Match: "9999" |
            DELETE /v1/buckets/{bucket}/keys/{key} 413               | too-large | /v1/buckets/tiny/keys/kkkkkkkkkkkkkkkkkkkkkk | |
            GET /v1/buckets/{bucket}/events 404                      | no-bucket | /v1/buckets/none/events | |
            GET /v1/buckets/{bucket}/history/{key} 404               | no-key | /v1/buckets/refusals/history/none | |
            GET /v1/object-stores/{store} 404                        | no-object-store | /v1/object-stores/none | |
            PUT /v1/object-stores/{store} 409                        | conflict | /v1/object-stores/refusals | | {"storage":"memory"}
            DELETE /v1/object-stores/{store} 404                     | no-object-store | /v1/object-stores/none | |
            GET /v1/object-stores/{store}/events 404                 | no-object-store | /v1/object-stores/none/events | |
            GET /v1/object-stores/{store}/objects 404                | no-object-store | /v1/object-stores/none/objects | |
            GET /v1/object-stores/{store}/objects 406                | not-acceptable | /v1/object-stores/refusals/objects | Accept: image/png |
            GET /v1/object-stores/{store}/objects/{name} 404         | no-object | /v1/object-stores/refusals/objects/none | |
            GET /v1/object-stores/{store}/objects/{name} 412         | wrong-revision | /v1/object-stores/sealed/objects/a | If-Match: "9999" |
            GET /v1/object-stores/{store}/objects/{name} 416         | range-not-satisfiable | /v1/object-stores/sealed/objects/a | Range: bytes=9- |
            PUT /v1/object-stores/{store}/objects/{name} 404         | no-object-store | /v1/object-stores/none/objects/a | | x
            PUT /v1/object-stores/{store}/objects/{name} 408         | request-timeout | /v1/object-stores/refusals/objects/a | Content-Length: 99 | {
            PUT /v1/object-stores/{store}/objects/{name} 406         | not-acceptable | /v1/object-stores/refusals/objects/a | Accept: image/png | x
            PUT /v1/object-stores/{store}/objects/{name} 409         | conflict | /v1/object-stores/sealed/objects/b | | x
            PUT /v1/object-stores/{store}/objects/{name} 412         | wrong-revision | /v1/object-stores/refusals/objects/a | If-Match: "9999" | x
            PUT /v1/object-stores/{store}/objects/{name} 413         | too-large | /v1/object-stores/tiny/objects/a | | xxxxxxxxxxxxxxxxxxxx
            PUT /v1/object-stores/{store}/objects/{name} 422         | bad-digest | /v1/object-stores/refusals/objects/a | Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ== | x
            DELETE /v1/object-stores/{store}/objects/{name} 404      | no-object | /v1/object-stores/refusals/objects/none | |
            DELETE /v1/object-stores/{store}/objects/{name} 409      | conflict | /v1/object-stores/sealed/objects/a | |
            DELETE /v1/object-stores/{store}/objects/{name} 412      | wrong-revision | /v1/object-stores/sealed/objects/a | If-Match: "9999" |
            GET /problems/{name} 404                                 | not-found | /problems/nothing | |
            """;

    /**
     * Rejections that need a cluster without a majority or an instance without the worked application; see ScarcityIT.
     * An order that another instance is storing is handled like any other message.
     */
    private static final Set<String> ELSEWHERE = Set.of(
            "POST /v1/publish/{subject} 409",
            "POST /v1/publish 409",
            "POST /v1/orders 409",
            "POST /v1/orders 404",
            "PUT /v1/prices/{productId} 404",
            "GET /v1/dead-letters 404");

    @NatsServerResource.Server
    NatsServer server;

    @SecuredResource.Issuer
    TokenIssuer issuer;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private boolean atomic;

    private record Request(String problem, String target, String header, String body) {}

    static Stream<Arguments> refusals() {
        return CONTRACT.operations().keySet().stream().flatMap(operation -> CONTRACT.statuses(operation).stream()
                .filter(status -> status.startsWith("4"))
                .filter(status -> !ELSEWHERE.contains(operation + " " + status))
                .map(status -> Arguments.of(operation, Integer.parseInt(status))));
    }

    @BeforeEach
    void createWork() throws IOException, InterruptedException, JetStreamApiException {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        try (Connection nats = Nats.connect(server.url())) {
            JetStreamManagement management = nats.jetStreamManagement();
            atomic = management
                    .addStream(StreamConfiguration.builder()
                            .name("WORK")
                            .subjects("work.>")
                            .allowAtomicPublish()
                            .build())
                    .getConfiguration()
                    .getAllowAtomicPublish();
            management.addStream(StreamConfiguration.builder()
                    .name("KEPT")
                    .subjects("kept.>")
                    .denyDelete(true)
                    .denyPurge(true)
                    .build());
            nats.jetStream().publish("kept.x", new byte[0]);
            nats.jetStream()
                    .publish(
                            "dead.ORDERS",
                            new Headers().put("Nats-Msg-Id", "large").put("Sluice-Subject", "orders.created"),
                            new byte[LARGE_ORDER]);
            nats.keyValueManagement()
                    .create(KeyValueConfiguration.builder().name("refusals").build());
            nats.keyValue("refusals").put("large", "1");
            nats.objectStoreManagement()
                    .create(ObjectStoreConfiguration.builder("refusals").build());
            management.addStream(StreamConfiguration.builder()
                    .name("OBJ_tiny")
                    .subjects("$O.tiny.C.>", "$O.tiny.M.>")
                    .maximumMessageSize(8)
                    .build());
            seal(nats);
            sealBucket(nats);
            nats.keyValueManagement()
                    .create(KeyValueConfiguration.builder()
                            .name("tiny")
                            .maximumValueSize(8)
                            .build());
            management.addOrUpdateConsumer(
                    "WORK",
                    ConsumerConfiguration.builder()
                            .durable("fixed")
                            .deliverPolicy(DeliverPolicy.New)
                            .build());
            management.addOrUpdateConsumer(
                    "WORK",
                    ConsumerConfiguration.builder()
                            .durable("pushed")
                            .deliverSubject("push.here")
                            .build());
        }
    }

    private static void sealBucket(Connection nats) throws IOException, JetStreamApiException {
        if (nats.keyValueManagement().getBucketNames().contains("sealed")) {
            return;
        }
        nats.keyValueManagement()
                .create(KeyValueConfiguration.builder().name("sealed").build());
        nats.jetStreamManagement()
                .updateStream(StreamConfiguration.builder(nats.jetStreamManagement()
                                .getStreamInfo("KV_sealed")
                                .getConfiguration())
                        .seal()
                        .build());
    }

    private static void seal(Connection nats) throws IOException, JetStreamApiException {
        if (nats.objectStoreManagement().getBucketNames().contains("sealed")) {
            return;
        }
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder("sealed").build());
        try {
            nats.objectStore("sealed").put("a", new byte[1]);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        nats.objectStore("sealed").seal();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("refusals")
    void isGiven(String operation, int status) {
        Request special = special().get(operation + " " + status);
        assumeTrue(
                atomic || !(operation + " " + status).matches("POST /v1/publish 412|POST /v1/streams/.*/reset 409"),
                "atomic batches need nats-server 2.12, a reset 2.14");
        Request request = special == null ? usual(operation, status) : special;
        String method = status == 405 ? "PATCH" : operation.substring(0, operation.indexOf(' '));
        String target = request.target().isEmpty() ? example(operation) : request.target();

        Answer answer = status == 429 ? impatiently(method, target) : ask(operation, method, target, request, status);

        answer.isProblem(status, request.problem());
    }

    @Test
    void areAllDescribed() {
        Set<String> special = special().keySet();

        assertThat(special).allSatisfy(DescribedRefusalsIT::isDescribed).doesNotContainAnyElementsOf(ELSEWHERE);
        assertThat(ELSEWHERE).allSatisfy(DescribedRefusalsIT::isDescribed);
    }

    private static void isDescribed(String refusal) {
        int space = refusal.lastIndexOf(' ');
        assertThat(CONTRACT.statuses(refusal.substring(0, space))).contains(refusal.substring(space + 1));
    }

    private static Map<String, Request> special() {
        Map<String, Request> special = new TreeMap<>();
        SPECIAL.lines()
                .map(row -> row.split("\\|", -1))
                .forEach(row -> special.put(
                        row[0].trim(),
                        new Request(
                                row[1].trim(),
                                row[2].trim(),
                                row[3].trim(),
                                row[4].trim().replace("LARGE", "x".repeat(LARGE_LINE)))));
        return special;
    }

    private static Request usual(String operation, int status) {
        String body = operation.matches("PUT .*|POST /v1/(orders|streams).*") ? "{}" : "";
        return switch (status) {
            case 400 -> new Request("invalid", example(operation) + "?no_such_parameter=1", "", body);
            case 401 -> new Request("unauthenticated", "", "", body);
            case 403 -> new Request("forbidden", "", "Origin: https://evil.example", body);
            case 405 -> new Request("method-not-allowed", "", "", "");
            case 406 -> new Request("not-acceptable", "", "Accept: image/png", body);
            case 408 -> new Request("request-timeout", "", "Content-Length: 99", "{");
            case 413 -> new Request("too-large", "", "Content-Length: 9999999", "{");
            case 414 -> new Request("uri-too-long", example(operation) + "?x=" + "x".repeat(LONG), "", body);
            case 415 -> new Request("unsupported-media-type", "", "Content-Encoding: gzip", "{}");
            case 429 -> new Request("overloaded", "", "", "");
            case 431 -> new Request("headers-too-large", "", "X: " + "x".repeat(LARGE), body);
            default -> throw new AssertionError(operation + " describes " + status + ", which nothing here provokes");
        };
    }

    private static String example(String operation) {
        return CONTRACT.examplePath(operation.substring(operation.indexOf(' ') + 1));
    }

    private Answer ask(String operation, String method, String target, Request request, int status) {
        String who =
                switch (status) {
                    case 401 -> "";
                    case 403 -> "Cookie: __Host-sluice=" + token() + "\r\n";
                    default -> "Authorization: Bearer " + token() + "\r\n";
                };
        String type = operation.equals("POST /v1/publish") ? "application/x-ndjson" : "application/json";
        String header = request.header().isEmpty() ? "" : request.header() + "\r\n";
        String length = header.startsWith("Content-Length")
                ? ""
                : "Content-Length: " + request.body().length() + "\r\n";
        return send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + who + length
                + (header.startsWith("Content-Type") ? "" : "Content-Type: " + type + "\r\n") + header + "\r\n"
                + request.body());
    }

    /** Repeats the request of one caller until it is rejected with 429. The request may be invalid. */
    private Answer impatiently(String method, String target) {
        String request = method + " " + target + (target.contains("?") ? "&" : "?")
                + "no_such_parameter=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nAuthorization: Bearer "
                + token() + "\r\n\r\n";
        for (int i = 0; i < MANY; i++) {
            Answer answer = send(request);
            if (answer.status() == 429) {
                assertThat(answer.retryAfter()).isNotBlank();
                return answer;
            }
        }
        throw new AssertionError(MANY + " requests passed a limit of 5 a second");
    }

    private Answer send(String request) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            return Answer.of(exchange.send(request));
        }
    }

    /** Returns the token of a new caller with all permissions. */
    private String token() {
        Map<String, List<String>> everything = Map.of("allow", List.of(">"));
        return issuer.sign(TokenIssuer.claims()
                .subject(UUID.randomUUID().toString())
                .claim(
                        "sluice",
                        Map.of(
                                "publish", everything,
                                "subscribe", everything,
                                "request", everything,
                                "consume", everything,
                                "administer", everything,
                                "read", everything,
                                "write", everything,
                                "object-read", everything,
                                "object-write", everything)));
    }
}
