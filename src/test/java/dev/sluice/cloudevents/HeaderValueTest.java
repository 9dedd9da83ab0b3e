package dev.sluice.cloudevents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The header values of the HTTP and NATS protocol bindings, section 3.1.3.2. */
class HeaderValueTest {

    @Test
    void encodesTheExampleOfTheSpecification() {
        assertThat(HeaderValue.encode("Euro € 😀")).isEqualTo("Euro%20%E2%82%AC%20%F0%9F%98%80");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "Euro%20%E2%82%AC%20%F0%9F%98%80, Euro € 😀",
                "%e2%82%ac, €",
                "%41bc, Abc",
                "a+b, a+b",
                "a b, a b",
                "100%25, 100%",
                "\"quoted \\\"x\\\" %20\", `quoted \"x\"  `",
            })
    void decodes(String header, String value) {
        assertThat(HeaderValue.decode(header)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%C0%A0", "%ED%A0%80", "%FF", "%E2%82", "%", "%4", "%zz", "100% sure", "€", "a\tb", "\"a\\\""})
    void rejects(String header) {
        assertThat(HeaderValue.decode(header)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "%", "\"", "a \\ b", "\u0001", "żółw 🚀"})
    void readsWhatItWrites(String value) {
        assertThat(HeaderValue.decode(HeaderValue.encode(value))).isEqualTo(value);
    }
}
