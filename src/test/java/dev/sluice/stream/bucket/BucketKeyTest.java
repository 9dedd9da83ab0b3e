package dev.sluice.stream.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketKeyTest {

    @ParameterizedTest
    @ValueSource(strings = {"A-17", "a.b.c", "path/to=x_y", "0"})
    void acceptsKeysThatEveryClientAccepts(String key) {
        assertThat(new BucketKey(key).value()).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".a", "a.", "a..b", "a b", "*", ">", "a.>", "ä", "a\r\nPUB", "a:b", "$a"})
    void rejectsKeysThatAreAnotherSubject(String key) {
        SluiceException refusal = catchThrowableOfType(SluiceException.class, () -> new BucketKey(key));

        assertThat(refusal.failure()).isEqualTo(Failure.INVALID);
    }
}
