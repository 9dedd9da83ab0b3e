package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {

    @Test
    void hasTheTimeOfItsMessageAfterTheEpoch() {
        EventId id = new EventId("mh0k3x2a", 20, 1_764_308_807_123L);

        assertThat(id.toString()).matches("mh0k3x2aT[0-9a-z]+-20");
        assertThat(EventId.parse(id.toString(), "id")).isEqualTo(id);
    }

    @Test
    void canBeReadWithoutTheTime() {
        assertThat(EventId.parse("mh0k3x2a-20", "id")).isEqualTo(new EventId("mh0k3x2a", 20, 0));
        assertThat(new EventId("mh0k3x2a", 20, 0)).hasToString("mh0k3x2a-20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "a-", "-20", "aT-20", "Ta-20", "aTbTc-20", "aTzzzzzzzzzzzz-20", "a-b", "a_b-1"})
    void rejectsAnyOtherForm(String text) {
        assertThatThrownBy(() -> EventId.parse(text, "id")).isInstanceOf(SluiceException.class);
    }
}
