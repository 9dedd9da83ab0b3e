package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.impl.Headers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SerializedHeadersTest {

    @Test
    void writesTheSameBytesAsJnats() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("A", List.of("one", ""));
        Headers usual = new Headers().put(headers);

        SerializedHeaders serialized = SerializedHeaders.of(headers, null);

        assertThat(serialized.getSerialized()).isEqualTo(usual.getSerialized());
        assertThat(serialized.serializedLength()).isEqualTo(usual.serializedLength());
    }

    @Test
    void addsTheMessageId() {
        byte[] usual = new Headers().put("Nats-Msg-Id", "N-1").getSerialized();

        assertThat(SerializedHeaders.of(Map.of(), "N-1").getSerialized()).isEqualTo(usual);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\r\nb", "ä"})
    void rejectsNamesThatBreakTheProtocol(String name) {
        assertThat(refusal(Map.of(name, List.of("x"))).failure()).isEqualTo(Failure.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb", "a\nb", "ü", "\u2028"})
    void rejectsValuesThatBreakTheProtocol(String value) {
        assertThat(refusal(Map.of("A", List.of(value))).failure()).isEqualTo(Failure.INVALID);
    }

    private static SluiceException refusal(Map<String, List<String>> headers) {
        return catchThrowableOfType(SluiceException.class, () -> SerializedHeaders.of(headers, null));
    }
}
