package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Sends random requests to every endpoint. Each response has a status that {@code /q/openapi} describes, never 500, and
 * reveals no internals. The one exception is a path that the random values make invalid. {@code -Dfuzz=PT1M} runs for a
 * minute; {@code -Dfuzz.seed} repeats a run.
 */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class FuzzIT {
    private static final Duration LENGTH = Duration.parse(System.getProperty("fuzz", "PT3S"));
    private static final List<String> NASTY = List.of(
            "",
            "a",
            "a.b",
            "a..b",
            "*",
            ">",
            "$JS.API.INFO",
            "_INBOX.x",
            "%00",
            "%0d%0a",
            "%ff",
            "%",
            "%zz",
            "-1",
            "0",
            "1",
            "42",
            "9223372036854775808",
            "1e9",
            "NaN",
            "null",
            "true",
            "../..",
            "%2e%2e%2f",
            "%E2%80%A8",
            "a%20b",
            "'",
            "\"",
            "<script>",
            "{}",
            "[]",
            "2s",
            "PT1S",
            "stored",
            "none",
            "ORDERS",
            "DEAD_LETTERS",
            "A-17",
            "A".repeat(3000));
    /** Without the empty value, because a path with an empty variable may belong to another endpoint. */
    private static final List<String> NASTY_AND_THERE = NASTY.subList(1, NASTY.size());

    private static final List<String> BODIES = List.of(
            "",
            "{}",
            "[]",
            "null",
            "1",
            "\"x\"",
            "{\"order_id\":\"A-17\",\"amount\":4999}",
            "{\"order_id\":7}",
            "{\"price\":-1}",
            "{\"price\":4999}",
            "{\"amount\":1e400}",
            "{\"a\":",
            "\u0000",
            "{\"subject\":\"a.b\",\"data\":\"x\"}\n",
            "{\"subject\":\"$JS.x\",\"data\":\"x\"}\n{",
            "[".repeat(5000),
            "{\"batch\":-1}",
            "{\"acks\":[\"x\"]}",
            "{\"acks\":[null]}",
            "{\"ack_wait\":\"soon\"}",
            "{\"filter_subjects\":[\"a..b\"]}",
            "\u00ff\u00fe");
    private static final List<String> HEADERS = List.of(
            "Nats-Msg-Id",
            "Nats-Expected-Stream",
            "Nats-Expected-Last-Sequence",
            "Nats-Rollup",
            "Nats-TTL",
            "NatsH-X",
            "NatsH-",
            "NatsH-Nats-Rollup",
            "Idempotency-Key",
            "Accept",
            "Authorization",
            "Cookie",
            "Last-Event-ID",
            "Origin",
            "traceparent",
            "Accept-Encoding",
            "Range",
            "If-Match",
            "X-Forwarded-For",
            "Content-Encoding");
    private static final List<String> TYPES = List.of(
            "application/json",
            "application/x-ndjson",
            "text/plain",
            "*/*",
            "application/json;charset=utf-16",
            "x",
            "/",
            "multipart/form-data",
            "application/x-www-form-urlencoded");

    private static final List<String> SETTLEMENTS = List.of(
            "{\"acks\":[\"%s\"]}",
            "{\"acks\":[\"%1$s\",\"%1$s\"]}",
            "{\"naks\":[{\"token\":\"%s\",\"delay\":\"1s\"}]}",
            "{\"terms\":[{\"token\":\"%s\",\"reason\":\"r\\u0000\\n\"}]}",
            "{\"progress\":[\"%s\"]}");
    private static final int TOKENS = 50;

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    StoredPublisher publisher;

    private final long seed = Long.getLong("fuzz.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final ConcurrentLinkedQueue<String> logged = new ConcurrentLinkedQueue<>();
    private final Handler log = new Log();
    private TestWork work;
    private List<String> tokens;

    @BeforeEach
    void listen() {
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        work = new TestWork(server);
        for (int i = 0; i < TOKENS; i++) {
            work.publish("x");
        }
        tokens = work.fetch("{\"batch\":" + TOKENS + "}").path("messages.ack_token");
        Logger.getLogger("").addHandler(log);
    }

    @AfterEach
    void leave() {
        Logger.getLogger("").removeHandler(log);
        work.close();
    }

    @Test
    void answersRandomRequestsWithDescribedStatuses() {
        Contract contract = contract();
        List<String> operations = new ArrayList<>(contract.operations().keySet());
        Map<String, Integer> answers = new TreeMap<>();
        long end = System.nanoTime() + LENGTH.toNanos();
        while (System.nanoTime() - end < 0) {
            String operation = one(operations);
            String head = head(operation);
            byte[] body = body(operation).getBytes(StandardCharsets.ISO_8859_1);
            String request = "seed " + seed + ": " + head + new String(body, StandardCharsets.ISO_8859_1);
            Answer answer = ask(head, body);
            answers.merge(operation + " " + answer.status(), 1, Integer::sum);

            assertThat(answer.body()).as(request).doesNotContain("\tat ", "Exception", "io.nats", "dev.sluice");
            assertThat(answer.status()).as(request).isNotEqualTo(500);
            if (answer.status() >= 400) {
                assertThat(answer.type()).as(request).startsWith("application/problem+json");
            }
            if (!leadsElsewhere(head) && !answer.body().contains("/problems/not-found")) {
                assertThat(contract.describes(operation, Integer.toString(answer.status())))
                        .as(answer.status() + " is described: " + request)
                        .isTrue();
            }
        }
        assertThat(logged).as("seed " + seed + ", answers " + answers).isEmpty();
    }

    /** A path with dot segments belongs to another endpoint, which may return a status that only it describes. */
    private static boolean leadsElsewhere(String head) {
        String path = head.split("[ ?]", 3)[1];
        return path.contains("..") || path.contains("%2e%2e");
    }

    private Contract contract() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /q/openapi?format=json HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return new Contract(Answer.of(exchange).json());
        }
    }

    private String head(String operation) {
        String path = operation.endsWith("/ack") && random.nextBoolean()
                ? work.path() + "/ack"
                : Pattern.compile("\\{\\w+}")
                        .matcher(operation.substring(operation.indexOf(' ') + 1))
                        .replaceAll(variable -> Matcher.quoteReplacement(one(NASTY_AND_THERE)));
        StringBuilder head = new StringBuilder(operation.substring(0, operation.indexOf(' ') + 1)).append(path);
        List<String> names = List.of(
                "ack", "atomic", "timeout", "subject", "source", "format", "queue", "from", "tail", "stream", "limit",
                "offset", "confirm", "ticket", "x");
        for (int i = random.nextInt(3); i > 0; i--) {
            head.append(head.indexOf("?") < 0 ? '?' : '&')
                    .append(one(names))
                    .append('=')
                    .append(one(NASTY));
        }
        head.append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        if (random.nextInt(4) > 0) {
            head.append("Content-Type: ").append(one(TYPES)).append("\r\n");
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            head.append(one(HEADERS)).append(": ").append(one(NASTY)).append("\r\n");
        }
        return head.toString();
    }

    private String body(String operation) {
        return operation.endsWith("/ack") && random.nextInt(4) > 0
                ? one(SETTLEMENTS).formatted(token())
                : one(BODIES);
    }

    /** Returns a valid token, or one that is altered, truncated or too long. */
    private String token() {
        String token = one(tokens);
        int at = random.nextInt(token.length());
        return switch (random.nextInt(4)) {
            case 0 -> token;
            case 1 -> token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
            case 2 -> token.substring(0, at);
            default -> token + one(NASTY);
        };
    }

    /** Sends a request. Of an event stream, which has no end, only the head is read. */
    private Answer ask(String head, byte[] body) {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
            bytes.writeBytes(("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            bytes.writeBytes(body);
            exchange.send(bytes.toByteArray()).head();
            boolean stream = String.valueOf(exchange.header("content-type")).startsWith("text/event-stream");
            return new Answer(
                    exchange.status(),
                    String.valueOf(exchange.header("content-type")),
                    exchange.header("location"),
                    exchange.header("retry-after"),
                    exchange.header("allow"),
                    stream ? "" : exchange.body());
        }
    }

    private <T> T one(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Collects warnings and errors with a stack trace. */
    private final class Log extends Handler {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getThrown() != null && entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                logged.add(entry.getLoggerName() + ": " + entry.getMessage() + ": " + entry.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
