package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TickerTest {
    private static final String THREAD = "ticker-of-a-test";

    private final Ticker ticker = new Ticker(Duration.ofMillis(1), THREAD);
    private final AtomicInteger ticks = new AtomicInteger();

    @AfterEach
    void close() {
        ticker.close();
    }

    @Test
    void runsATaskUntilItIsStopped() {
        Runnable stop = ticker.onTick(ticks::incrementAndGet);
        await().until(() -> ticks.get() > 2);
        stop.run();
        int other = awaitTicksOfAnotherTask();
        int before = ticks.get();
        awaitTicksOfAnotherTask();

        assertThat(other).isPositive();
        assertThat(ticks).hasValue(before);
    }

    @Test
    void runsAStartedTaskOnceInATick() {
        AtomicInteger other = new AtomicInteger();
        Ticker.Task task = ticker.task(ticks::incrementAndGet);
        Ticker.Task reference = ticker.task(other::incrementAndGet);
        task.start();
        task.start();
        reference.start();
        await().until(() -> other.get() > 20);

        assertThat(ticks.get()).isLessThan(2 * other.get());
    }

    @Test
    void continuesAfterATaskHasFailed() {
        ticker.onTick(() -> {
            if (ticks.incrementAndGet() == 1) {
                throw new IllegalStateException("a fault of a test");
            }
        });

        await().until(() -> ticks.get() > 2);
    }

    @Test
    void wakesForATaskAfterTheLastOneWasStopped() {
        for (int round = 1; round <= 200; round++) {
            int goal = ticks.get() + 1;
            Runnable stop = ticker.onTick(ticks::incrementAndGet);
            await().pollInterval(Duration.ofMillis(1)).until(() -> ticks.get() >= goal);
            stop.run();
        }
    }

    @Test
    void restartsATaskThatStoppedItselfForLackOfWork() {
        AtomicInteger work = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Ticker.Task[] task = new Ticker.Task[1];
        task[0] = ticker.task(() -> {
            done.addAndGet(work.getAndSet(0));
            task[0].stop();
            if (work.get() > 0) {
                task[0].start();
            }
        });
        for (int i = 0; i < 20_000; i++) {
            work.incrementAndGet();
            task[0].start();
        }

        await().untilAsserted(() -> assertThat(done).hasValue(20_000));
    }

    private int awaitTicksOfAnotherTask() {
        AtomicInteger other = new AtomicInteger();
        Runnable stop = ticker.onTick(other::incrementAndGet);
        await().until(() -> other.get() > 2);
        stop.run();
        return other.get();
    }
}
