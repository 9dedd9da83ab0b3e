package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Responses to senders if JetStream is disabled, has no leader or no majority, or if a limit is reached. */
@Tag("slow")
class ScarcityIT {

    @TempDir
    Path folder;

    private PackagedService service;

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
    }

    @Test
    void answersNotSupportedIfJetStreamIsDisabled() {
        try (NatsServer server = NatsServer.withoutJetStream()) {
            start(server.url(), Map.of());

            answer(publish("work.a", "")).isProblem(501, "not-supported");
        }
    }

    @Test
    void answersNotFoundIfTheExampleApplicationIsDisabled() {
        try (NatsServer server = NatsServer.started()) {
            start(server.url(), Map.of());

            json("POST /v1/orders", "{\"order_id\":\"A-17\",\"amount\":4999}").isProblem(404, "not-found");
            json("PUT /v1/prices/A-17", "{\"price\":4999}").isProblem(404, "not-found");
            json("GET /v1/dead-letters", "").isProblem(404, "not-found");
        }
    }

    @Test
    void answersUnavailableWithoutALeader() throws Exception {
        try (NatsCluster cluster = NatsCluster.started()) {
            String leader = replicatedStream(cluster);
            start(cluster.server(leader).url(), Map.of());
            assertThat(answer(publish("work.a", "")).status()).isEqualTo(201);

            cluster.serversBut(leader).forEach(NatsServer::kill);

            Answer refused = answer(publish("work.a", "")).isProblem(503, "unavailable");
            assertThat(refused.retryAfter()).isEqualTo("2");
        }
    }

    /** nats-server 2.11 and later rejects the repeated publish with 10158: the first attempt is still in process. */
    @Test
    void storesAMessageOnceAfterALeaderWithoutAMajorityHeldIt() throws Exception {
        try (NatsCluster cluster = NatsCluster.started()) {
            String leader = replicatedStream(cluster);
            start(cluster.server(leader).url(), Map.of());
            List<NatsServer> others = cluster.serversBut(leader);

            others.forEach(NatsServer::freeze);
            try {
                answer(publish("work.a", "Nats-Msg-Id: one\r\n"))
                        .isProblem(503, "unavailable")
                        .saying("Nats-Msg-Id");
            } finally {
                others.forEach(NatsServer::thaw);
            }

            await().atMost(Timeouts.LIMIT)
                    .until(() ->
                            answer(publish("work.a", "Nats-Msg-Id: one\r\n")).status() < 300);
            try (Connection nats = Nats.connect(cluster.urls())) {
                await().atMost(Timeouts.LIMIT).ignoreExceptions().untilAsserted(() -> assertThat(
                                nats.jetStreamManagement()
                                        .getStreamInfo("WORK")
                                        .getStreamState()
                                        .getMsgCount())
                        .isEqualTo(1));
            }
        }
    }

    @Test
    void reportsThatAMessageWithTheSameIdIsInProcess() throws Exception {
        try (NatsCluster cluster = NatsCluster.started()) {
            String leader = replicatedStream(cluster);
            start(cluster.server(leader).url(), Map.of());
            List<NatsServer> others = cluster.serversBut(leader);
            try (Connection nats = Nats.connect(cluster.server(leader).url())) {
                assumeTrue(
                        nats.getServerInfo().isSameOrNewerThanVersion("2.11.0"),
                        "servers before 2.11 do not know the error 10158: they answer with a sequence that is none");

                others.forEach(NatsServer::freeze);
                nats.publish("work.a", new Headers().put("Nats-Msg-Id", "one"), null);
                nats.flush(Timeouts.LIMIT);

                Answer refused = answer(publish("work.a", "Nats-Msg-Id: one\r\n"))
                        .isProblem(409, "conflict")
                        .saying("in process");
                assertThat(refused.retryAfter()).isEqualTo("2");
                assertThat(refused.json().path("nats_error_code").intValue()).isEqualTo(10158);
            } finally {
                others.forEach(NatsServer::thaw);
            }

            await().atMost(Timeouts.LIMIT)
                    .until(() ->
                            answer(publish("work.a", "Nats-Msg-Id: one\r\n")).status() < 300);
        }
    }

    @Test
    void rejectsAPublishBeyondTheWindow() {
        try (NatsServer server = NatsServer.started()) {
            start(server.url(), Map.of("SLUICE_PUBLISH_WINDOW", "1"));

            refusesAllButOneOf(server, "sluice.publish.window", () -> publish("work.a", ""), 503, "unavailable");
        }
    }

    @Test
    void rejectsARequestBeyondTheWindow() {
        try (NatsServer server = NatsServer.started()) {
            start(server.url(), Map.of("SLUICE_REQUEST_WINDOW", "1"));

            refusesAllButOneOf(
                    server, "sluice.request.window", () -> post("request/work.a?timeout=15s", ""), 504, "timeout");
        }
    }

    /**
     * The second request is already in the connection when the first is charged, so the quota does not refill in
     * between.
     */
    @Test
    void rejectsBytesAboveTheRateOfTheInstance() {
        try (NatsServer server = NatsServer.started()) {
            start(server.url(), Map.of("SLUICE_ACCESS_LIMITS_INSTANCE_BYTES_PER_SECOND", "1K"));
            String large = "x".repeat(20_000);

            try (HttpExchange both = post("publish/work.a?ack=none", "", large)) {
                both.send("POST /v1/publish/work.a?ack=none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
                assertThat(both.head().status()).isEqualTo(202);

                Answer refused = Answer.of(both).isProblem(429, "overloaded");
                refused.saying("instance-bytes-per-second");
                assertThat(refused.retryAfter()).isEqualTo("2");
            }
        }
    }

    private void refusesAllButOneOf(
            NatsServer server, String limit, Supplier<HttpExchange> call, int status, String problem) {
        List<Answer> answers = new ArrayList<>();
        server.freeze();
        try {
            List.of(call.get(), call.get(), call.get()).forEach(exchange -> answers.add(answer(exchange)));
        } finally {
            server.thaw();
        }

        List<Answer> refused =
                answers.stream().filter(answer -> answer.status() == 429).toList();
        assertThat(refused).hasSize(2).allSatisfy(answer -> {
            answer.isProblem(429, "overloaded").saying("(" + limit + ")");
            assertThat(answer.retryAfter()).isEqualTo("2");
        });
        answers.removeAll(refused);
        answers.forEach(answer -> answer.isProblem(status, problem));
    }

    /** Creates a stream with three replicas and returns the name of its leader. */
    private static String replicatedStream(NatsCluster cluster) {
        cluster.create(StreamConfiguration.builder()
                .name("WORK")
                .subjects("work.>")
                .replicas(3)
                .build());
        return cluster.awaitStreamLeader("WORK");
    }

    private void start(String servers, Map<String, String> bounds) {
        Map<String, String> environment = new HashMap<>(bounds);
        // A long ping interval keeps the connection to a frozen server open, so that the server is just silent.
        environment.putAll(Map.of(
                "SLUICE_NATS_PING_INTERVAL", "30s",
                "SLUICE_NATS_SERVERS", servers,
                "SLUICE_ACCESS_MODE", "open",
                "SLUICE_ORDERS_ENABLED", "false",
                "SLUICE_PRICING_ENABLED", "false"));
        service = new PackagedService(PackagedService.jar(), folder.resolve("service.log"), environment);
        await().atMost(Timeouts.LIMIT)
                .ignoreExceptions()
                .until(() -> answer(post("publish/ready.yet?ack=none", "")).status() == 202);
    }

    private HttpExchange publish(String subject, String headers) {
        return post("publish/" + subject, headers);
    }

    private HttpExchange post(String target, String headers) {
        return post(target, headers, "x");
    }

    private HttpExchange post(String target, String headers, String body) {
        return new HttpExchange(service.port())
                .send("POST /v1/" + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n"
                        + headers + "\r\n" + body);
    }

    private Answer json(String request, String body) {
        return answer(new HttpExchange(service.port())
                .send(request + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body));
    }

    private static Answer answer(HttpExchange exchange) {
        try (exchange) {
            return Answer.of(exchange);
        }
    }
}
