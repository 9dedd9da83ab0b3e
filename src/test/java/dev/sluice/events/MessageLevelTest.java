package dev.sluice.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.nats.InboundMessage;
import dev.sluice.support.LevelCase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The level of a message. */
class MessageLevelTest {
    static final List<LevelCase> CASES = LevelCase.ALL;

    @ParameterizedTest
    @FieldSource("CASES")
    void isReadFromTheSubjectOrElseThePayload(LevelCase one) {
        assertThat(MessageLevel.of(new InboundMessage(one.subject(), null, Map.of(), one.payload()))
                        .map(MessageLevel::toString)
                        .orElse(null))
                .isEqualTo(one.level());
    }
}
