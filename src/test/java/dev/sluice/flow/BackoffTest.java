package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

    @Test
    void doublesUpToTheLongestDelay() {
        assertThat(IntStream.rangeClosed(1, 6).mapToObj(backoff::delay).map(Duration::toMillis))
                .containsExactly(100L, 200L, 400L, 800L, 1_000L, 1_000L);
    }

    @Test
    void staysAtTheLongestDelayAfterManyFailures() {
        assertThat(backoff.delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void changesADelayByAtMostAFifth() {
        Random random = new Random(7);

        assertThat(IntStream.range(0, 1_000).mapToObj(i -> backoff.jittered(2, random)))
                .allMatch(delay -> delay.toMillis() >= 160 && delay.toMillis() <= 240)
                .anyMatch(delay -> delay.toMillis() < 180)
                .anyMatch(delay -> delay.toMillis() > 220);
    }
}
