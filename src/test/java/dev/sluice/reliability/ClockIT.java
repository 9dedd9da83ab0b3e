package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.support.SseClient;
import io.nats.client.api.ObjectStoreConfiguration;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The system clock is set forward and back by an hour, or is wrong. Open tails stay open, uploads keep their chunks, and the
 * service does not use much more CPU.
 */
class ClockIT {
    private static final int MESSAGES = 250;
    private static final String END = "the end";
    private static final List<String> STEPS = List.of("+3600", "-3600", "+0");

    @TempDir
    Path folder;

    @Test
    @Tag("slow")
    void losesNothingAndClosesNothingIfTheClockIsSet() {
        ServiceClock clock = ServiceClock.in(folder).orElse(null);
        assumeTrue(clock != null, "libfaketime is not installed");
        try (Harness harness = clock.readBy(Harness.named("clock")).start();
                SseClient stream = SseClient.connected(harness.port(), "?subject=load.>&source=stream");
                SseClient core = SseClient.connected(harness.port(), "?subject=beat.>&source=core")) {
            harness.load(new PublishLoad(harness.ledger(), harness.port(), HttpVersion.HTTP_1_1, 50, 200))
                    .load(new TailLoad(harness.ledger(), "tail-0", harness.port(), "load.>"))
                    .load(new FetchLoad(
                            harness.ledger(),
                            "w1",
                            harness.port(),
                            HttpVersion.HTTP_2,
                            Harness.STREAM,
                            Harness.CONSUMER,
                            100))
                    .orders(2);
            harness.acknowledged(200);
            Duration before = busy(harness);
            for (String step : STEPS) {
                clock.set(step);
                harness.acknowledged(MESSAGES);
                harness.connection().publish("beat.a", step.getBytes(StandardCharsets.UTF_8));
                assertThat(types(core.until(frame -> frame.data().contains(step))))
                        .containsOnly("message");
            }
            assertThat(busy(harness)).isLessThan(before.multipliedBy(2).plusMillis(500));
            harness.connection().publish("load.clock", END.getBytes(StandardCharsets.UTF_8));
            assertThat(types(stream.until(frame -> frame.data().contains(END)))).containsOnly("message");
            harness.finish();
        }
    }

    /** By such a clock, every chunk of an upload in progress is older than the age at which the sweep removes it. */
    @Test
    @Tag("reliability")
    void keepsTheChunksOfAnUploadIfTheClockIsAhead() throws Exception {
        ServiceClock clock = ServiceClock.in(folder).orElse(null);
        assumeTrue(clock != null, "libfaketime is not installed");
        clock.set("+3600");
        byte[] content = new byte[400_000];
        new Random(1).nextBytes(content);
        try (Harness harness =
                clock.readBy(StateStores.swept(Harness.named("clock-ahead"))).start()) {
            harness.connection()
                    .objectStoreManagement()
                    .create(ObjectStoreConfiguration.builder("files").build());
            HttpURLConnection upload = (HttpURLConnection)
                    URI.create("http://127.0.0.1:" + harness.port() + "/v1/object-stores/files/objects/slow")
                            .toURL()
                            .openConnection();
            upload.setRequestMethod("PUT");
            upload.setDoOutput(true);
            upload.setFixedLengthStreamingMode(content.length);
            upload.getOutputStream().write(content, 0, 300_000);
            upload.getOutputStream().flush();
            awaitSweeps(harness, 2);
            upload.getOutputStream().write(content, 300_000, 100_000);

            assertThat(upload.getResponseCode()).isEqualTo(201);
            ByteArrayOutputStream stored = new ByteArrayOutputStream();
            harness.connection().objectStore("files").get("slow", stored);
            assertThat(stored.toByteArray()).isEqualTo(content);
        }
    }

    /** Waits until the instance has swept its object stores {@code more} times. */
    private static void awaitSweeps(Harness harness, int more) {
        long target = sweeps(harness) + more;
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> sweeps(harness) >= target);
    }

    private static long sweeps(Harness harness) {
        return Footprint.sum(Footprint.metrics(harness.instance(0)), "sluice_object_sweeps_total");
    }

    /** Returns the CPU time that the instance uses during {@link #MESSAGES} publishes. */
    private static Duration busy(Harness harness) {
        Duration begun = used(harness);
        harness.acknowledged(MESSAGES);
        return used(harness).minus(begun);
    }

    private static Duration used(Harness harness) {
        return ProcessHandle.of(harness.instance(0).pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow();
    }

    private static Stream<String> types(List<SseClient.Frame> frames) {
        return frames.stream()
                .map(SseClient.Frame::type)
                .filter(type -> !type.isEmpty())
                .distinct();
    }
}
