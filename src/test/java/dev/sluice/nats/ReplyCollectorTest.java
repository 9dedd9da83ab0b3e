package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.flow.HotMulti;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyCollectorTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<ReplyItem> offered = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final AtomicInteger released = new AtomicInteger();
    private final ReplyCollector collector = new ReplyCollector(
            "a", new ReplyLimits(10, Duration.ofMinutes(1), Duration.ofMinutes(1)), timer, new HotMulti.Sink<>() {
                @Override
                public void offer(ReplyItem item) {
                    offered.add(item);
                }

                @Override
                public void fail(Throwable failure) {
                    failures.add(failure);
                }

                @Override
                public void complete() {}
            });

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    @Test
    void isReleasedOnceWhenItIsOver() {
        collector.onEnd(released::incrementAndGet);

        collector.fail(Failure.FORBIDDEN.because("denied"));
        collector.fail(Failure.FORBIDDEN.because("denied"));

        assertThat(released).hasValue(1);
        assertThat(failures).hasSize(1);
    }

    @Test
    void failsAndDoesNotEndWhenItsConnectionIsClosed() {
        collector.closed();

        assertThat(failures).singleElement().matches(Failure.UNAVAILABLE::matches);
        assertThat(offered).isEmpty();
    }

    /** A subject may be denied, for an earlier request, while this one is being registered. */
    @Test
    void isReleasedIfItWasOverBeforeItWasRegistered() {
        collector.fail(Failure.FORBIDDEN.because("denied"));

        collector.onEnd(released::incrementAndGet);

        assertThat(released).hasValue(1);
    }
}
