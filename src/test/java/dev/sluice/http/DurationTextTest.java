package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    private final ObjectMapper json = new ObjectMapper()
            .registerModule(new SimpleModule()
                    .addDeserializer(Duration.class, new DurationText.Reader())
                    .addSerializer(Duration.class, new DurationText.Writer()));

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.5S, 500ms",
        "PT1.5S, 1500ms",
        "PT24H0.5S, 86400500ms",
        "PT876000H, 3153600000s",
        "PT0.000000001S, 0.000001ms",
        "PT1.0000015S, 1000.0015ms"
    })
    void readsWhatItWrites(Duration duration, String text) throws JsonProcessingException {
        assertThat(json.writeValueAsString(duration)).isEqualTo('"' + text + '"');
        assertThat(json.readValue('"' + text + '"', Duration.class)).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"PT1M, 1m", "PT2H, 2h", "PT72H, 3d"})
    void readsLargerUnits(Duration duration, String text) throws JsonProcessingException {
        assertThat(json.readValue('"' + text + '"', Duration.class)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "s",
                "-1s",
                "1.5s",
                "1.ms",
                ".5ms",
                "1.0000000ms",
                "1E3ms",
                "1 s",
                "999999999999999d",
                "999999999999h",
                "999999999999999.0ms"
            })
    void rejectsAnythingElse(String text) {
        assertThatThrownBy(() -> json.readValue('"' + text + '"', Duration.class))
                .isInstanceOf(InvalidFormatException.class);
    }
}
