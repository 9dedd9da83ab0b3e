package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RunOnceTest {
    @Test
    void runsAtTheFirstCallOnly() {
        AtomicInteger runs = new AtomicInteger();
        RunOnce once = new RunOnce(runs::incrementAndGet);

        once.run();
        once.run();

        assertThat(runs).hasValue(1);
    }
}
