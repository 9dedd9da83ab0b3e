package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.MessageHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handlers on the reader thread of a connection. */
class ReaderDispatcherIT {
    private final NatsServer server = NatsServer.started();
    private final NatsLink link = TestLinks.link(Map.of("servers", server.url()));
    private final List<String> received = new CopyOnWriteArrayList<>();
    private Connection connection;

    @BeforeEach
    void connect() {
        CompletableFuture<Connection> connected = new CompletableFuture<>();
        link.listen(new LinkListener() {
            @Override
            public void up(Connection up) {
                connected.complete(up);
            }

            @Override
            public void down() {}
        });
        connection = connected
                .orTimeout(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @AfterEach
    void close() {
        link.drain(Duration.ofSeconds(1))
                .toCompletableFuture()
                .orTimeout(Timeouts.LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
        server.close();
    }

    @Test
    void passesOnAllMessagesInOrder() {
        subscribe("numbers", message -> received.add(new String(message.getData(), StandardCharsets.UTF_8)));

        List<String> numbers =
                IntStream.range(0, 2_000).mapToObj(String::valueOf).toList();
        numbers.forEach(number -> connection.publish("numbers", number.getBytes(StandardCharsets.UTF_8)));

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(received).isEqualTo(numbers));
    }

    @Test
    void callsAHandlerOnTheReaderThread() {
        subscribe("thread", message -> received.add(Thread.currentThread().getName()));

        connection.publish("thread", null);

        await().atMost(Timeouts.LIMIT)
                .untilAsserted(
                        () -> assertThat(received).singleElement().asString().contains("reader"));
    }

    @Test
    void losesOnlyTheMessageWhoseHandlerFails() {
        subscribe("fragile", message -> {
            String text = new String(message.getData(), StandardCharsets.UTF_8);
            if (text.equals("bad")) {
                throw new IllegalStateException("a handler that fails on purpose");
            }
            received.add(text);
        });

        List.of("one", "bad", "two")
                .forEach(text -> connection.publish("fragile", text.getBytes(StandardCharsets.UTF_8)));

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(received).containsExactly("one", "two"));
    }

    @Test
    void receivesAgainAfterAReconnect() {
        subscribe("again", message -> received.add(new String(message.getData(), StandardCharsets.UTF_8)));

        server.kill();
        server.start();

        await().atMost(Timeouts.LIMIT).untilAsserted(() -> {
            connection.publish("again", "after".getBytes(StandardCharsets.UTF_8));
            assertThat(received).contains("after");
        });
    }

    private void subscribe(String subject, MessageHandler handler) {
        ReaderDispatcher.of(connection).subscribe(connection, subject, handler);
    }
}
