package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.TestStreams;
import dev.sluice.support.Timeouts;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Bound on the bytes that the kernel holds for a client that does not read. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class SendBufferIT {
    private static final int MESSAGE = 1_000_000;
    private static final int MESSAGES = 5;

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    HttpConfig config;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's queues are read from /proc")
    void isNoMoreThanTwiceTheBound() throws IOException {
        try (TestStreams streams = new TestStreams(server);
                Socket stalled = new Socket()) {
            streams.create("STALLED", "stalled.>");
            streams.store("stalled.a", "x".repeat(MESSAGE));
            stalled.setReceiveBufferSize(4096);
            stalled.connect(new InetSocketAddress("127.0.0.1", root.getPort()));
            stalled.getOutputStream()
                    .write("GET /v1/streams/STALLED/messages/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .repeat(MESSAGES)
                            .getBytes(StandardCharsets.US_ASCII));

            await().atMost(Timeouts.LIMIT).until(() -> waiting(stalled) > 0);
            await().during(Duration.ofSeconds(1)).atMost(Timeouts.LIMIT).untilAsserted(() -> assertThat(
                            waiting(stalled))
                    .isPositive()
                    .isLessThanOrEqualTo(2 * config.sendBuffer().asLongValue()));
            streams.delete("STALLED");
        }
    }

    /** Returns the bytes that the kernel accepted from the service for {@code client} and that are not acknowledged. */
    private long waiting(Socket client) {
        String ends = "%04X .*:%04X ".formatted(root.getPort(), client.getLocalPort());
        return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .map(Path::of)
                .filter(Files::exists)
                .flatMap(SendBufferIT::lines)
                .filter(line -> line.matches("\\s*\\d+: \\p{XDigit}+:" + ends + ".*"))
                .flatMapToLong(line -> LongStream.of(
                        Long.parseLong(line.strip().split("\\s+")[4].split(":")[0], 16)))
                .sum();
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
