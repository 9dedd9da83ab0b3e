package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.support.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** An update keeps what a definition cannot set. */
class StreamDefinitionTest {
    private static final String FIRST = "{\"name\":\"ORDERS\",\"external\":{\"api\":\"$JS.leaf1.API\"}}";
    private static final String SECOND = "{\"name\":\"ORDERS\",\"external\":{\"api\":\"$JS.leaf2.API\"}}";

    @Test
    void eachOfTwoSourcesWithTheSameNameKeepsItsDomain() {
        Map<String, JsonValue> merged = updated(
                "{\"sources\":[{\"name\":\"ORDERS\"},{\"name\":\"ORDERS\"}]}",
                "{\"sources\":[" + FIRST + "," + SECOND + "]}");

        assertThat(Objects.requireNonNull(Objects.requireNonNull(merged.get("sources")).array))
                .containsExactlyElementsOf(List.of(JetStreamJson.parse(FIRST), JetStreamJson.parse(SECOND)));
    }

    @Test
    void whichOfTwoSourcesOfDifferentDomainsIsRemovedCannotBeTold() {
        assertThatThrownBy(() -> updated(
                        "{\"sources\":[{\"name\":\"ORDERS\"}]}", "{\"sources\":[" + FIRST + "," + SECOND + "]}"))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.CONFLICT));
    }

    @Test
    void aSourceIsRemoved() {
        Map<String, JsonValue> merged =
                updated("{\"sources\":[{\"name\":\"OTHER\"}]}", "{\"sources\":[" + FIRST + ",{\"name\":\"OTHER\"}]}");

        assertThat(Objects.requireNonNull(merged.get("sources")))
                .isEqualTo(JetStreamJson.parse("[{\"name\":\"OTHER\"}]"));
    }

    @Test
    void aMirrorKeepsItsDomain() {
        Map<String, JsonValue> merged = updated("{\"mirror\":{\"name\":\"ORDERS\"}}", "{\"mirror\":" + FIRST + "}");

        assertThat(merged.get("mirror")).isEqualTo(JetStreamJson.parse(FIRST));
    }

    @Test
    void aMirrorOfAnotherStreamKeepsNothing() {
        Map<String, JsonValue> merged = updated("{\"mirror\":{\"name\":\"OTHER\"}}", "{\"mirror\":" + FIRST + "}");

        assertThat(merged.get("mirror")).isEqualTo(JetStreamJson.parse("{\"name\":\"OTHER\"}"));
    }

    private static Map<String, JsonValue> updated(String wanted, String actual) {
        return new StreamDefinition("S", fields(wanted)).over(fields(actual));
    }

    private static Map<String, JsonValue> fields(String json) {
        return Objects.requireNonNull(JetStreamJson.parse(json).map);
    }
}
