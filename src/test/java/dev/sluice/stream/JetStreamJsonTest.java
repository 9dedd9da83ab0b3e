package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that are no JSON, for which the parser of jnats throws all kinds of exceptions and errors. */
class JetStreamJsonTest {
    static Stream<String> malformed() {
        return Stream.of("}", "]", "{\"name\":}", "{", "{\"a\"", "\uFEFF{}", "\"", "[".repeat(100_000));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void areRefusedWithTheSameFailure(String text) {
        assertThatThrownBy(() -> JetStreamJson.parse(text))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.UNAVAILABLE));
    }
}
