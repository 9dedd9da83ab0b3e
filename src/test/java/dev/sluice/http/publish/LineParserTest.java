package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.OutboundMessage;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineParserTest {

    @Test
    void readsTextAsUtf8() {
        assertThat(payload("{\"subject\":\"a.b\",\"data\":\"gr\\u00f6\\uD83D\\ude80\\n\"}"))
                .isEqualTo("grö🚀\n");
    }

    @Test
    void readsBase64AsBytes() {
        assertThat(read("{\"subject\":\"a.b\",\"data_base64\":\"AP8K\"}").data())
                .containsExactly(0, -1, '\n');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ \"a\" : [ 1 , 2 ] }|{\"a\":[1,2]}",
                "\"two  words \\\" \\\\\"|\"two  words \\\" \\\\\"",
                "12345678901234567890.10|12345678901234567890.10",
                "1e400|1e400",
                "-0.0|-0.0",
                "true|true",
                "null|null",
                "[ ]|[]",
                "{\"größe\" : \"\\ud800\"}|{\"größe\":\"\\ud800\"}"
            })
    void passesJsonOnWithExactNumbersWithoutWhiteSpace(String given, String compact) {
        assertThat(payload("{\"subject\":\"a.b\",\"json\":" + given + "}")).isEqualTo(compact);
        assertThat(payload("{\"json\" : " + given + " , \"subject\":\"a.b\"}")).isEqualTo(compact);
    }

    @Test
    void readsHeadersFromTheirFields() {
        OutboundMessage message = read("{\"subject\":\"a.b\",\"data\":\"\",\"id\":\"A-1\","
                + "\"expected_last_subject_sequence\":7,\"headers\":{\"Colour\":\"green\",\"Size\":[\"1\",\"2\"]}}");

        assertThat(message.headers())
                .containsEntry("Nats-Msg-Id", List.of("A-1"))
                .containsEntry("Nats-Expected-Last-Subject-Sequence", List.of("7"))
                .containsEntry("Colour", List.of("green"))
                .containsEntry("Size", List.of("1", "2"))
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "1",
                "{}",
                "{\"subject\":\"a.b\"}",
                "{\"data\":\"x\"}",
                "{\"subject\":\"a.b\",\"data\":1}",
                "{\"subject\":\"a.b\",\"data\":null}",
                "{\"subject\":7,\"data\":\"x\"}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"data\":\"y\"}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"json\":1}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"data_base64\":\"eA==\"}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"payload\":1}",
                "{\"subject\":\"a.b\",\"data\":\"\\ud800\"}",
                "{\"subject\":\"a.b\",\"data_base64\":\"*\"}",
                "{\"subject\":\"a.b\",\"data_base64\":\"AA\\n\"}",
                "{\"subject\":\"a.b\",\"json\":01}",
                "{\"subject\":\"a.b\",\"json\":{\"a\":1,\"a\":2}}",
                "{\"subject\":\"a.b\",\"json\":NaN}",
                "{\"subject\":\"a.b\",\"data\":\"x\"} {}",
                "{\"subject\":\"a.b\",\"data\":\"x\"},",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"id\":\"é\"}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"id\":7}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"id\":\"1\",\"headers\":{\"Nats-Msg-Id\":\"2\"}}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"expected_last_subject_sequence\":-1}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"expected_last_subject_sequence\":1.0}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"expected_last_subject_sequence\":18446744073709551616}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"headers\":[]}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"headers\":{\"A\":1}}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"headers\":{\"A\":[[\"1\"]]}}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"headers\":{\"A\":\"b\\r\\nC: d\"}}",
                "{\"subject\":\"a.b\",\"data\":\"x\",\"headers\":{\"nats-rollup\":\"all\"}}"
            })
    void rejectsALineThatIsNotAMessage(String line) {
        assertThat(refusal(line.getBytes(StandardCharsets.UTF_8)).failure()).isEqualTo(Failure.INVALID);
    }

    @Test
    void rejectsDeepNesting() {
        String deep = "[".repeat(2_000) + "]".repeat(2_000);

        assertThat(refusal(("{\"subject\":\"a.b\",\"json\":" + deep + "}").getBytes(StandardCharsets.UTF_8))
                        .failure())
                .isEqualTo(Failure.INVALID);
    }

    @Test
    void rejectsInvalidUtf8() {
        for (String bytes : List.of("\u00ff", "\u00c3", "\u00c0\u00af", "\u00ed\u00a0\u0080")) {
            byte[] line = ("{\"subject\":\"a.b\",\"json\":\"" + bytes + "\"}").getBytes(StandardCharsets.ISO_8859_1);

            assertThat(refusal(line)).hasMessageContaining("UTF-8");
        }
    }

    /** Both are valid UTF-8; a parser that guesses the encoding would read them as UTF-16 or UTF-32. */
    @Test
    void rejectsOtherEncodings() {
        String line = "{\"subject\":\"a.b\",\"json\":{\"x\":1}}";
        for (Charset charset : List.of(
                StandardCharsets.UTF_16LE,
                StandardCharsets.UTF_16BE,
                Charset.forName("UTF-32LE"),
                Charset.forName("UTF-32BE"))) {
            assertThat(refusal(line.getBytes(charset)).failure()).isEqualTo(Failure.INVALID);
        }
        assertThat(refusal(new byte[] {0x7b, 0, 0, 0, 0x41, 0x41, 0x41, 0x41}).failure())
                .isEqualTo(Failure.INVALID);
    }

    @Test
    void rejectsAByteOrderMark() {
        String line = "\ufeff{\"subject\":\"a.b\",\"data\":\"x\"}";

        assertThat(refusal(line.getBytes(StandardCharsets.UTF_8)).failure()).isEqualTo(Failure.INVALID);
    }

    @ParameterizedTest
    @CsvSource({"a..b, BAD_SUBJECT", "a.*, BAD_SUBJECT", "$JS.x, RESERVED_SUBJECT", "_INBOX.x, RESERVED_SUBJECT"})
    void rejectsASubject(String subject, Failure failure) {
        String line = "{\"subject\":\"" + subject + "\",\"data\":\"x\"}";

        assertThat(refusal(line.getBytes(StandardCharsets.UTF_8)).failure()).isEqualTo(failure);
    }

    private static String payload(String line) {
        return new String(read(line).data(), StandardCharsets.UTF_8);
    }

    private static OutboundMessage read(String line) {
        return LineParser.read(line.getBytes(StandardCharsets.UTF_8));
    }

    private static SluiceException refusal(byte[] line) {
        return catchThrowableOfType(SluiceException.class, () -> LineParser.read(line));
    }
}
