package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EnumCountersTest {
    private final EnumCounters<Color> counters = new EnumCounters<>(Color.class);

    private enum Color {
        RED,
        GREEN
    }

    @Test
    void countsEachConstantAlone() {
        counters.increment(Color.GREEN);
        counters.increment(Color.GREEN);

        assertThat(counters.count(Color.GREEN)).isEqualTo(2);
        assertThat(counters.count(Color.RED)).isZero();
    }
}
