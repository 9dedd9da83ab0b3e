package dev.sluice.http.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiptViewTest {

    @ParameterizedTest
    @ValueSource(strings = {"ORDERS", "a\"b", "tab\tand\\", "Größe", "\uD83D\uDE00"})
    void isValidJsonForAnyStreamName(String stream) throws IOException {
        JsonNode receipt = new ObjectMapper().readTree(new ReceiptView(stream, Long.MAX_VALUE, true).json());

        assertThat(receipt.path("stream").textValue()).isEqualTo(stream);
        assertThat(receipt.path("seq").longValue()).isEqualTo(Long.MAX_VALUE);
        assertThat(receipt.path("duplicate").booleanValue()).isTrue();
        assertThat(receipt).hasSize(3);
    }
}
