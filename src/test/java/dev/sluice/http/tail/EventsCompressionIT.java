package dev.sluice.http.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.RawClient;
import dev.sluice.support.SseClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Clients that accept gzip receive uncompressed events. A compressor would hold events until its window is full. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@TestProfile(EventsCompressionIT.Compressing.class)
class EventsCompressionIT {
    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Test
    void compressesNoEventAndDelaysNone() {
        try (SseClient client = SseClient.open(
                        new HttpExchange(root.getPort()),
                        "?subject=a.b&format=raw",
                        "Accept-Encoding: gzip, deflate, br\r\n");
                RawClient publisher = new RawClient(server)) {
            assertThat(client.exchange().header("Content-Encoding")).isIn(null, "identity");
            client.untilConnected();

            publisher.publish("a.b", "one");
            assertThat(client.await("message").data()).isEqualTo("one");
            publisher.publish("a.b", "two");
            assertThat(client.await("message").data()).isEqualTo("two");
        }
    }

    @Test
    void compressesTheRest() {
        try (HttpExchange exchange = new HttpExchange(root.getPort())) {
            exchange.send("GET /console/main.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
                    .head();

            assertThat(exchange.header("Content-Encoding")).isEqualTo("gzip");
        }
    }

    /** Compression is a build-time setting of Quarkus. */
    public static final class Compressing implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("quarkus.http.enable-compression", "true");
        }
    }
}
