package dev.sluice.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An open event stream. It reads from the socket only while a test waits for a frame. */
public final class SseClient implements AutoCloseable {
    private final HttpExchange exchange;

    private SseClient(HttpExchange exchange) {
        this.exchange = exchange;
    }

    /** @param query what follows {@code /v1/events}, sent as it is */
    public static SseClient open(int port, String query) {
        return open(new HttpExchange(port), query, "");
    }

    /** The stream that {@code exchange} has asked for. */
    public static SseClient of(HttpExchange exchange) {
        exchange.head();
        return new SseClient(exchange);
    }

    /** A client whose socket takes few bytes while nobody reads. */
    public static SseClient openWithSmallSocket(int port, String query) {
        return open(new HttpExchange(port, 4096), query, "");
    }

    /** @param headers lines that are each closed by CRLF, sent as they are */
    public static SseClient open(HttpExchange exchange, String query, String headers) {
        exchange.send("GET /v1/events" + query + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        + headers + "\r\n")
                .head();
        return new SseClient(exchange);
    }

    /** As {@link #open(int, String)}, and reads until NATS has the subscription. */
    public static SseClient connected(int port, String query) {
        return open(port, query).untilConnected();
    }

    public SseClient untilConnected() {
        until(frame -> frame.type().equals("status") && frame.data().contains("\"connected\""));
        return this;
    }

    public HttpExchange exchange() {
        return exchange;
    }

    /** How long {@link #next} may wait. */
    public SseClient within(Duration limit) {
        exchange.within(limit);
        return this;
    }

    /** The next frame, comments included; null at the end of the stream. */
    public Frame next() {
        try {
            List<String> lines = new ArrayList<>();
            for (String line = line(); line != null; line = line()) {
                if (line.isEmpty()) {
                    return new Frame(lines);
                }
                lines.add(line);
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads on to the first frame that is {@code wanted}; returns all frames that were read, that one last. */
    public List<Frame> until(Predicate<Frame> wanted) {
        List<Frame> read = new ArrayList<>();
        Frame frame;
        do {
            frame = next();
            if (frame == null) {
                throw new AssertionError("The stream ended after " + read);
            }
            read.add(frame);
        } while (!wanted.test(frame));
        return read;
    }

    /** Reads on to the first event of {@code type}. */
    public Frame await(String type) {
        List<Frame> read = until(frame -> frame.type().equals(type));
        return read.get(read.size() - 1);
    }

    /** The next messages, whatever else comes between them. */
    public List<Frame> messages(int count) {
        return Stream.generate(() -> await("message")).limit(count).toList();
    }

    @Override
    public void close() {
        exchange.close();
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = exchange.read(); b != '\n'; b = exchange.read()) {
            if (b < 0) {
                return null;
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** The lines between two empty lines of the stream. */
    public record Frame(List<String> lines) {

        /** The event's type; empty for a frame that is none. */
        public String type() {
            String named = field("event").collect(Collectors.joining());
            return named.isEmpty() && field("data").findAny().isPresent() ? "message" : named;
        }

        public String data() {
            return field("data").collect(Collectors.joining("\n"));
        }

        /** The values of a field, as they come. */
        public Stream<String> field(String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2));
        }
    }
}
