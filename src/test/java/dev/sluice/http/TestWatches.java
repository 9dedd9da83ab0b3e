package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.events.TailService;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsSpy;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** The watches of one test at one path. Closing them waits until Sluice has ended them, too. */
public final class TestWatches implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SMALL_RECEIVE_BUFFER = 4096;

    private final int port;
    private final String path;
    private final TailService tails;
    private final List<SseClient> clients = new ArrayList<>();

    public TestWatches(URI root, String path, TailService tails) {
        this.port = root.getPort();
        this.path = path;
        this.tails = tails;
    }

    public SseClient open(String query) {
        return open(query, "");
    }

    /** @param headers header lines, each terminated by CRLF */
    public SseClient open(String query, String headers) {
        return open(new HttpExchange(port), query, headers);
    }

    /** Opens a watch on a socket with a small receive buffer. */
    public SseClient openWithSmallSocket() {
        return open(new HttpExchange(port, SMALL_RECEIVE_BUFFER), "", "");
    }

    /** Opens a watch and reads to its {@code current}. */
    public SseClient current(String query) {
        SseClient watch = open(query).untilConnected();
        watch.await("current");
        return watch;
    }

    /**
     * Waits until the open watches have handled a state of {@code stream} that was requested after this call. A state is
     * requested after the answer to the one before was handled.
     */
    public static void awaitStateCheck(NatsServer server, String stream) {
        try (NatsSpy spy = new NatsSpy(server)) {
            spy.heardUntil("$JS.API.STREAM.INFO." + stream);
            spy.heardUntil("$JS.API.STREAM.INFO." + stream);
        }
    }

    /** Requires that {@code target} is answered with this problem. */
    public void refuses(String target, int status, String problem) {
        try (HttpExchange exchange = new HttpExchange(port)) {
            exchange.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Answer.of(exchange).isProblem(status, problem);
        }
    }

    /** Requires that a watch is answered with the headers of a stream that has this source. */
    public void hasTheHeadersOfAStream(String source) {
        HttpExchange answer = open("").exchange();
        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store, no-transform");
        assertThat(answer.header("Sluice-Source")).isEqualTo(source);
    }

    /** Returns the next change. */
    public static JsonNode change(SseClient watch) {
        return json(watch.await("message").data());
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    @Override
    public void close() {
        clients.forEach(SseClient::close);
        await().atMost(Timeouts.LIMIT).until(() -> tails.count() == 0 && tails.cursors() == 0);
    }

    private SseClient open(HttpExchange exchange, String query, String headers) {
        SseClient watch = SseClient.of(
                exchange.send("GET " + path + query + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"));
        clients.add(watch);
        assertThat(exchange.status()).isEqualTo(200);
        return watch;
    }
}
