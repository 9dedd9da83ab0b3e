package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.SseClient;
import dev.sluice.support.Timeouts;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shutdown whose times are zero does not wait, and takes every step. */
class StopWithoutWaitingIT {
    @Test
    void closesATail(@TempDir Path folder) {
        try (NatsServer nats = NatsServer.started();
                PackagedService service = new PackagedService(
                        PackagedService.jar(),
                        folder.resolve("log"),
                        Map.of(
                                "SLUICE_NATS_SERVERS", nats.url(),
                                "SLUICE_ACCESS_MODE", "open",
                                "SLUICE_ACCESS_TOKEN_SECRET", "a secret of thirty-two bytes or more",
                                "SLUICE_SHUTDOWN_UNREADY", "0s",
                                "SLUICE_SHUTDOWN_TAILS", "0s",
                                "SLUICE_SHUTDOWN_REQUESTS", "0s",
                                "SLUICE_SHUTDOWN_PUBLISHES", "0s"))) {
            service.awaitReady();
            try (SseClient tail =
                    SseClient.open(service.port(), "?subject=stop.a").within(Timeouts.LIMIT)) {
                tail.until(frame -> frame.type().equals("status"));

                service.terminate();

                assertThat(tail.until(frame -> frame.type().equals("closed")))
                        .last()
                        .extracting(SseClient.Frame::data)
                        .asString()
                        .contains("shutdown");
                await().atMost(Timeouts.LIMIT).until(() -> !service.alive());
                assertThat(folder.resolve("log")).content().doesNotContain("\"level\":\"ERROR\"");
            }
        }
    }
}
