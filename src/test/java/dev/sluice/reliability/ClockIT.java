package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.support.SseClient;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The system clock is set forward and back by an hour. Open tails stay open, and the service does not use much more
 * CPU.
 */
@Tag("reliability")
class ClockIT {
    private static final int MESSAGES = 250;
    private static final String END = "the end";
    private static final List<String> STEPS = List.of("+3600", "-3600", "+0");

    @TempDir
    Path folder;

    private Path clock;

    @BeforeEach
    void setRight() throws IOException {
        clock = folder.resolve("clock");
        set("+0");
    }

    @Test
    void losesNothingAndClosesNothingIfTheClockIsSet() throws IOException {
        Path library = library();
        assumeTrue(library != null, "libfaketime is not installed");
        try (Harness harness = Harness.named("clock")
                        .with("LD_PRELOAD", library.toString())
                        .with("FAKETIME_TIMESTAMP_FILE", clock.toString())
                        .with("FAKETIME_CACHE_DURATION", "1")
                        .with("FAKETIME_FORCE_MONOTONIC_FIX", "0")
                        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                        .start();
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
                set(step);
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

    private void set(String offset) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), offset + "\n");
        Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path library() throws IOException {
        try (Stream<Path> libraries = Files.find(
                Path.of("/usr/lib"), 3, (path, attributes) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            return libraries.findFirst().orElse(null);
        }
    }
}
