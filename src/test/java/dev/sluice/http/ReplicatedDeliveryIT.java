package dev.sluice.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsClusterResource;
import dev.sluice.support.SseClient;
import dev.sluice.support.SseClient.Frame;
import io.nats.client.JetStreamApiException;
import io.nats.client.PublishOptions;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamConfiguration;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP clients receive from streams and consumers of three replicas whose leaders change. */
@QuarkusTest
@QuarkusTestResource(value = NatsClusterResource.class, restrictToAnnotatedClass = true)
class ReplicatedDeliveryIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    /** Maximum silence of a tail that does not report {@code reconnecting}, on a shared machine. */
    private static final Duration SILENCE =
            Duration.ofMillis((long) (5_000 * Double.parseDouble(System.getProperty("reliability.slack", "2"))));

    private static final String BATCH_PROCESSOR = "order-batch-processor";
    private static final String WORKER = "worker";

    NatsCluster cluster;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private final String stream = "R" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeEach
    void replicate() {
        await().atMost(SOON).until(publisher::reachable);
        cluster.create(StreamConfiguration.builder()
                .name(stream)
                .subjects(stream + ".>")
                .replicas(3)
                .allowDirect(true)
                .build());
        cluster.awaitCurrent(stream);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/x-ndjson"})
    void acceptsTheAnswersToAFetchUnderAnotherLeader(String format) {
        declareWorker();
        store(0, 8);
        List<String> tokens = tokens(format, 8);

        stepDown(WORKER);
        Response settled = given().contentType(ContentType.JSON)
                .body(Map.of(
                        "acks", tokens.subList(0, 2),
                        "naks", List.of(Map.of("token", tokens.get(2)), Map.of("token", tokens.get(3))),
                        "terms",
                                List.of(Map.of("token", tokens.get(4), "reason", "no"), Map.of("token", tokens.get(5))),
                        "progress", tokens.subList(6, 8)))
                .post(consumer() + "/ack?confirm=true");

        settled.then()
                .statusCode(200)
                .body("failed", empty())
                .body("acked", equalTo(2))
                .body("naked", equalTo(2))
                .body("termed", equalTo(2))
                .body("progressed", equalTo(2));
        assertThat(fetch("application/json", 2).jsonPath().getList("messages.data", String.class))
                .containsExactlyInAnyOrder("2", "3");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(info(WORKER).getNumAckPending()).isEqualTo(4));
    }

    @Test
    void replaysAStreamWhoseLeaderStepsDown() {
        store(0, 400);
        try (SseClient all = tail("&from=all", "")) {
            List<Frame> read = new ArrayList<>(all.messages(100));
            stepDownStream();
            store(400, 500);
            read.addAll(all.messages(400));

            assertThat(read).extracting(Frame::data).containsExactlyElementsOf(numbers(0, 500));
            resume(read.get(249).field("id").findFirst().orElseThrow(), 250);
        }
        try (SseClient last = tail("&from=last-per-subject", "")) {
            stepDownStream();

            assertThat(last.messages(10)).extracting(Frame::data).containsExactlyElementsOf(numbers(590, 600));
        }
    }

    /** Resumes after {@code id}, whose message is followed by the number {@code next}. */
    private void resume(String id, int next) {
        try (SseClient resumed = tail("", "Last-Event-ID: " + id + "\r\n")) {
            List<Frame> read = new ArrayList<>(resumed.messages(50));
            stepDownStream();
            store(500, 600);
            read.addAll(resumed.messages(600 - next - 50));

            assertThat(read).extracting(Frame::data).containsExactlyElementsOf(numbers(next, 600));
        }
    }

    @Test
    @Tag("slow")
    void continuesATailUnderLoadWhoseConsumerIsOnAKilledServer() {
        long[] stored = new long[2_000];
        AtomicInteger next = new AtomicInteger();
        ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
        String killed = "";
        try (SseClient tail = tail("", "").untilConnected()) {
            load.scheduleAtFixedRate(
                    () -> {
                        int number = next.get();
                        if (number < stored.length && stored(number)) {
                            stored[number] = System.nanoTime();
                            next.incrementAndGet();
                        }
                    },
                    0,
                    5,
                    TimeUnit.MILLISECONDS);
            tail.messages(200);
            killed = manage(management -> management.getConsumers(stream))
                    .get(0)
                    .getClusterInfo()
                    .getLeader();
            cluster.server(killed).kill();

            List<String> read = new ArrayList<>(numbers(0, 200));
            boolean reported = false;
            while (read.size() < stored.length) {
                Frame frame = tail.next();
                reported |= frame.type().equals("status") && frame.data().contains("reconnecting");
                if (frame.type().equals("message")) {
                    long late = System.nanoTime() - stored[read.size()];
                    boolean inTime = stored[read.size()] == 0 || late < SILENCE.toNanos();
                    assertThat(reported || inTime)
                            .as("%d ms late, without a word", late / 1_000_000)
                            .isTrue();
                    reported &= !inTime;
                    read.add(frame.data());
                }
            }

            assertThat(read).containsExactlyElementsOf(numbers(0, stored.length));
        } finally {
            load.shutdownNow();
            restart(killed);
        }
    }

    @Test
    @Tag("slow")
    void processesEachOrderThroughAStepDownAndAKill() {
        List<String> orders = new ArrayList<>();
        submit(orders, 20);
        awaitProcessed(orders);
        assertThat(orders)
                .allSatisfy(order ->
                        assertThat(order(order).path("deliveries").intValue()).isEqualTo(1));

        cluster.stepDownStream("ORDERS");
        cluster.stepDownConsumer("ORDERS", BATCH_PROCESSOR);
        submit(orders, 20);
        String killed = await().atMost(SOON)
                .until(() -> cluster.consumerLeader("ORDERS", BATCH_PROCESSOR), leader -> !leader.isBlank());
        cluster.server(killed).kill();
        try {
            submit(orders, 20);

            awaitProcessed(orders);
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
                ConsumerInfo worker = manage(management -> management.getConsumerInfo("ORDERS", BATCH_PROCESSOR));
                assertThat(worker.getNumPending() + worker.getNumAckPending()).isZero();
            });
            given().get("/v1/dead-letters").then().statusCode(200).body("dead_letters", empty());
        } finally {
            restart(killed);
        }
    }

    private void submit(List<String> orders, int count) {
        for (int i = 0; i < count; i++) {
            String id = stream + "-" + orders.size();
            await().atMost(SOON)
                    .until(() -> given().contentType(ContentType.JSON)
                                    .body("{\"order_id\":\"" + id + "\",\"amount\":1}")
                                    .post("/v1/orders")
                                    .statusCode()
                            < 300);
            orders.add(id);
        }
    }

    private void awaitProcessed(List<String> orders) {
        await().atMost(SOON).untilAsserted(() -> assertThat(orders)
                .allSatisfy(order ->
                        assertThat(order(order).path("status").textValue()).isEqualTo("processed")));
    }

    private static JsonNode order(String id) {
        return TestWatches.json(given().get("/v1/orders/" + id).asString());
    }

    private void restart(String killed) {
        cluster.server(killed).start();
        cluster.awaitCurrent(stream);
        cluster.awaitCurrent("ORDERS");
    }

    private void declareWorker() {
        ConsumerConfiguration worker =
                ConsumerConfiguration.builder().durable(WORKER).ackWait(SOON).build();
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> manage(management -> management.addOrUpdateConsumer(stream, worker))
                                .getClusterInfo()
                                .getLeader()
                        != null);
    }

    private List<String> tokens(String format, int count) {
        Response fetched = fetch(format, count);
        List<String> tokens = new ArrayList<>();
        if (format.equals("application/json")) {
            tokens.addAll(fetched.jsonPath().getList("messages.ack_token", String.class));
        } else {
            fetched.asString()
                    .lines()
                    .forEach(line ->
                            tokens.add(TestWatches.json(line).path("ack_token").textValue()));
        }
        assertThat(tokens).hasSize(count).doesNotContainNull();
        return tokens;
    }

    private Response fetch(String format, int count) {
        Response fetched = given().contentType(ContentType.JSON)
                .accept(format)
                .body("{\"batch\":" + count + ",\"expires\":\"20s\"}")
                .post(consumer() + "/fetch");
        fetched.then().statusCode(200);
        return fetched;
    }

    private String consumer() {
        return "/v1/streams/" + stream + "/consumers/" + WORKER;
    }

    private void stepDown(String consumer) {
        String before = cluster.consumerLeader(stream, consumer);
        assertThat(cluster.stepDownConsumer(stream, consumer)).isTrue();
        await().atMost(SOON)
                .until(() -> cluster.consumerLeader(stream, consumer), now -> !now.isBlank() && !now.equals(before));
    }

    private void stepDownStream() {
        assertThat(cluster.stepDownStream(stream)).isTrue();
    }

    private ConsumerInfo info(String consumer) {
        return manage(management -> management.getConsumerInfo(stream, consumer));
    }

    /** Opens a tail of the stream. */
    private SseClient tail(String query, String headers) {
        return SseClient.open(new HttpExchange(root.getPort()), "?format=raw&subject=" + stream + ".>" + query, headers)
                .within(SOON);
    }

    /** Stores the numbers in turn on ten subjects, each exactly once, whatever happens to the leader. */
    private void store(int from, int to) {
        for (int i = from; i < to; i++) {
            int number = i;
            if (!stored(number)) {
                await().atMost(SOON).until(() -> stored(number));
            }
        }
    }

    private boolean stored(int number) {
        try {
            cluster.connection()
                    .jetStream()
                    .publish(
                            stream + "." + number % 10,
                            Integer.toString(number).getBytes(StandardCharsets.UTF_8),
                            PublishOptions.builder()
                                    .messageId(Integer.toString(number))
                                    .build());
            return true;
        } catch (IOException | JetStreamApiException | IllegalStateException away) {
            return false;
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private <T> T manage(ManagementCall<T> action) {
        return ManagementCall.make(cluster.connection(), action);
    }
}
