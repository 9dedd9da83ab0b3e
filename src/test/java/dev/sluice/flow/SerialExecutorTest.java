package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tasks from any thread run one at a time, in order. */
class SerialExecutorTest {
    private final SerialExecutor serial = new SerialExecutor(Runnable::run);

    @Test
    void runsATaskAtOnceIfNoTaskIsRunning() {
        List<String> ran = new ArrayList<>();

        serial.execute(() -> ran.add("first"));

        assertThat(ran).containsExactly("first");
    }

    @Test
    void runsATaskOfATaskAfterIt() {
        List<String> ran = new ArrayList<>();

        serial.execute(() -> {
            serial.execute(() -> ran.add("second"));
            ran.add("first");
        });

        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void continuesAfterATaskThatThrows() {
        List<String> ran = new ArrayList<>();

        serial.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        serial.execute(() -> ran.add("next"));

        assertThat(ran).containsExactly("next");
    }

    @Test
    void continuesAfterATaskThatEndsWithAnError() {
        List<String> ran = new ArrayList<>();

        serial.execute(() -> {
            throw new AssertionError("on purpose");
        });
        serial.execute(() -> ran.add("next"));

        assertThat(ran).containsExactly("next");
    }

    @Test
    void runsTasksThatAStoppedExecutorRejects() {
        List<String> ran = new ArrayList<>();
        SerialExecutor orphan = new SerialExecutor(task -> {
            throw new RejectedExecutionException("on purpose");
        });

        orphan.execute(() -> ran.add("first"));
        orphan.execute(() -> ran.add("second"));

        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void isAMemoryBarrierBetweenTasks() {
        int threads = 4;
        int each = 50_000;
        int[] count = new int[1];

        CompletableFuture.allOf(IntStream.range(0, threads)
                        .mapToObj(thread -> CompletableFuture.runAsync(
                                () -> IntStream.range(0, each).forEach(i -> serial.execute(() -> count[0]++))))
                        .toArray(CompletableFuture[]::new))
                .join();

        assertThat(count[0]).isEqualTo(threads * each);
    }
}
