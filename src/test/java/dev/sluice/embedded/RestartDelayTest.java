package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RestartDelayTest {
    private static final Duration AT_ONCE = Duration.ZERO;

    private final RestartDelay delay = new RestartDelay();

    @Test
    void doublesUpToTheBound() {
        assertThat(Stream.generate(() -> delay.after(AT_ONCE)).limit(8).map(Duration::toMillis))
                .containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L);
    }

    @Test
    void isResetAfterALongRun() {
        delay.after(AT_ONCE);
        delay.after(AT_ONCE);

        assertThat(delay.after(RestartDelay.MAX.plusMillis(1))).isEqualTo(RestartDelay.MIN);
    }
}
