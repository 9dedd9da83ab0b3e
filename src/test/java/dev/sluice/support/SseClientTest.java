package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.support.SseClient.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests {@link SseClient}, the event stream reader of other tests. */
class SseClientTest {
    private static final String STATUS = "event: status\ndata: {\"nats\":\"connected\"}\n\n";

    private ServerSocket server;
    private Socket accepted;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        accepted.close();
        server.close();
    }

    @Test
    void readsHistoryThatArrivedBeforeTheStatus() throws IOException {
        try (SseClient client = client("retry: 1\n:\n\nid: a-1\ndata: 1\n\n" + STATUS + "data: 2\n\n")) {
            client.untilConnected();

            assertThat(client.messages(2)).extracting(Frame::data).containsExactly("1", "2");
        }
    }

    @Test
    void ignoresHeartbeats() throws IOException {
        try (SseClient client = client(STATUS + ":\n\n:\n\ndata: 1\n\n")) {
            client.within(Duration.ofNanos(1));

            assertThatThrownBy(() -> client.await("message"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("heartbeats");
        }
    }

    private SseClient client(String events) throws IOException {
        HttpExchange exchange = new HttpExchange(server.getLocalPort());
        accepted = server.accept();
        accepted.getOutputStream()
                .write(("HTTP/1.1 200 OK\r\nContent-Length: " + events.length() + "\r\n\r\n" + events)
                        .getBytes(StandardCharsets.US_ASCII));
        return SseClient.of(exchange);
    }
}
