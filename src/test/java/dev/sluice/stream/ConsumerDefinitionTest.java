package dev.sluice.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.nats.client.support.JsonValue;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerDefinitionTest {
    private static final ConsumerRef REF = new ConsumerRef("S", "c");

    /** -1 is no limit. A field that is left out has the server's default. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 1, 1000})
    void alwaysNamesTheLimitOfUnsettledMessages(int most) {
        ConsumerDefinition definition = new ConsumerDefinition(
                REF,
                true,
                List.of(),
                AckMode.EXPLICIT,
                Duration.ofSeconds(30),
                -1,
                most,
                StartPosition.Edge.ALL,
                Duration.ZERO);

        assertThat(definition.fields()).containsEntry("max_ack_pending", new JsonValue(most));
    }

    @Test
    void aNameThatIsNotAsciiIsInvalid() {
        assertThatThrownBy(() -> ConsumerDefinition.durable(new ConsumerRef("S", "\u00c4")))
                .isInstanceOfSatisfying(SluiceException.class, refused -> assertThat(refused.failure())
                        .isEqualTo(Failure.INVALID));
    }

    @Test
    void namesNoSuchLimitWithoutAcks() {
        assertThat(ConsumerDefinition.ordered(REF, StartPosition.Edge.ALL).fields())
                .doesNotContainKey("max_ack_pending");
    }
}
