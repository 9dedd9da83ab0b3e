package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PayloadTextTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "tea", "żółw 🐢", "a replacement character: \uFFFD", "\u0000\u0001"})
    void utf8IsText(String text) {
        assertThat(PayloadText.of(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tea", "żółw 🐢", "a replacement character: \uFFFD", "\u0000\u0001"})
    void recognizesUtf8(String text) {
        assertThat(PayloadText.isText(text.getBytes(StandardCharsets.UTF_8))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c3", "61c080", "eda080", "efbfbdff", "f5808080"})
    void otherBytesAreNotText(String hex) {
        assertThat(PayloadText.of(HexFormat.of().parseHex(hex))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c3", "61c080", "eda080", "efbfbdff", "f5808080"})
    void recognizesOtherBytes(String hex) {
        assertThat(PayloadText.isText(HexFormat.of().parseHex(hex))).isFalse();
    }
}
