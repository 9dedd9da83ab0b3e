package dev.sluice.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An open event stream. It reads from the socket only while a test waits for a frame. */
public final class SseClient implements AutoCloseable {
    private static final List<String> HEARTBEAT = List.of(":");

    private final HttpExchange exchange;
    private final Deque<Frame> unread = new ArrayDeque<>();
    private Duration silence = Duration.ofSeconds(60);

    private SseClient(HttpExchange exchange) {
        this.exchange = exchange;
    }

    /** @param query the part after {@code /v1/events}, sent unchanged */
    public static SseClient open(int port, String query) {
        return open(new HttpExchange(port), query, "");
    }

    /** Returns the stream that {@code exchange} has requested. */
    public static SseClient of(HttpExchange exchange) {
        exchange.head();
        return new SseClient(exchange);
    }

    /** Opens a stream on a socket with a small receive buffer. */
    public static SseClient openWithSmallSocket(int port, String query) {
        return open(new HttpExchange(port, 4096), query, "");
    }

    /** @param headers header lines, each terminated by CRLF; sent unchanged */
    public static SseClient open(HttpExchange exchange, String query, String headers) {
        exchange.send("GET /v1/events" + query + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        + headers + "\r\n")
                .head();
        return new SseClient(exchange);
    }

    /** Like {@link #open(int, String)}, followed by {@link #untilConnected}. */
    public static SseClient connected(int port, String query) {
        return open(port, query).untilConnected();
    }

    /**
     * Reads until the subscription is active in NATS. Events that arrive before that (history, after another status)
     * remain to be read.
     */
    public SseClient untilConnected() {
        until(Frame::connected).stream()
                .filter(frame -> !frame.type().isEmpty() && !frame.type().equals("status"))
                .forEach(unread::add);
        return this;
    }

    public HttpExchange exchange() {
        return exchange;
    }

    /** Sets the maximum wait of {@link #next}, and of {@link #until} while only heartbeats arrive. */
    public SseClient within(Duration limit) {
        exchange.within(limit);
        silence = limit;
        return this;
    }

    /** Returns the next frame, including comments, or null at the end of the stream. */
    public Frame next() {
        return unread.isEmpty() ? read() : unread.remove();
    }

    private Frame read() {
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

    /** Reads to the first frame that matches {@code wanted}. Returns all frames read, including that one. */
    public List<Frame> until(Predicate<Frame> wanted) {
        List<Frame> read = new ArrayList<>();
        long heard = System.nanoTime();
        for (Frame frame = next(); frame != null; frame = next()) {
            read.add(frame);
            if (wanted.test(frame)) {
                return read;
            }
            long now = System.nanoTime();
            if (!frame.lines().equals(HEARTBEAT)) {
                heard = now;
            } else if (now - heard > silence.toNanos()) {
                throw new AssertionError("Nothing but heartbeats for " + silence + " after " + read);
            }
        }
        throw new AssertionError("The stream ended after " + read);
    }

    /** Reads to the first event of {@code type} and returns it. */
    public Frame await(String type) {
        List<Frame> read = until(frame -> frame.type().equals(type));
        return read.get(read.size() - 1);
    }

    /** Returns the next messages and skips other frames. */
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

        /** Returns the event's type, or an empty string if the frame is not an event. */
        public String type() {
            String named = field("event").collect(Collectors.joining());
            return named.isEmpty() && field("data").findAny().isPresent() ? "message" : named;
        }

        /** Returns whether the frame reports that the subscription is active. */
        public boolean connected() {
            return type().equals("status") && data().contains("\"connected\"");
        }

        public String data() {
            return field("data").collect(Collectors.joining("\n"));
        }

        /** Returns the values of a field, in order. */
        public Stream<String> field(String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2));
        }
    }
}
