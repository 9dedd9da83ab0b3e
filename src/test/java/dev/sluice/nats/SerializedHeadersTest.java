package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
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

    /** The server takes a header for missing if its name occurs earlier, in another header. */
    @Test
    void writesTheHeadersThatTheServerActsOnFirstAndTheMessageIdsLastOfThem() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("A", List.of("Nats-TTL", "Nats-Msg-Id"));
        headers.put("XNats-TTL", List.of("x"));
        headers.put("Nats-Msg-Id", List.of("Nats-TTL"));
        headers.put("Nats-Expected-Last-Msg-Id", List.of("Nats-TTL"));
        headers.put("Nats-TTL", List.of("1s"));

        String written = new String(SerializedHeaders.of(headers, null).getSerialized(), StandardCharsets.US_ASCII);

        assertThat(written.lines())
                .containsExactly(
                        "NATS/1.0",
                        "Nats-TTL:1s",
                        "Nats-Expected-Last-Msg-Id:Nats-TTL",
                        "Nats-Msg-Id:Nats-TTL",
                        "A:Nats-TTL",
                        "A:Nats-Msg-Id",
                        "XNats-TTL:x",
                        "");
    }

    @Test
    void addsTheMessageIdBeforeTheHeadersThatTheServerIgnores() {
        String written = new String(
                SerializedHeaders.of(Map.of("A", List.of("Nats-Msg-Id")), "1").getSerialized(),
                StandardCharsets.US_ASCII);

        assertThat(written.lines()).containsExactly("NATS/1.0", "Nats-Msg-Id:1", "A:Nats-Msg-Id", "");
    }

    @Test
    void rejectsAValueThatHidesALaterHeaderFromTheServer() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("Nats-Expected-Last-Msg-Id", List.of("1"));
        headers.put("Nats-TTL", List.of("1s Nats-Expected-Last-Msg-Id"));

        assertThat(refusal(headers))
                .hasMessageContainingAll("Nats-TTL", "Nats-Expected-Last-Msg-Id")
                .extracting(SluiceException::failure)
                .isEqualTo(Failure.INVALID);
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
