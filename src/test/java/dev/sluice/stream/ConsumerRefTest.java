package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerRefTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "a b", "*", ">", "a/b", "a\\b", "a\r\nPUB x 0", "a\u0000"})
    void aNameIsOneTokenOfAnApiSubject(String name) {
        assertThatThrownBy(() -> new ConsumerRef(name, "c")).isInstanceOf(SluiceException.class);
        assertThatThrownBy(() -> new ConsumerRef("s", name)).isInstanceOf(SluiceException.class);
    }
}
