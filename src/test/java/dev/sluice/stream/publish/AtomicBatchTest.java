package dev.sluice.stream.publish;

import static dev.sluice.stream.publish.TestPublishing.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests what a batch accepts. */
class AtomicBatchTest {
    @Test
    void namesAMessageIdThatItHasTwice() {
        AtomicBatch batch = new AtomicBatch(1_000);
        batch.add(message("a.b", "", Map.of("Nats-Msg-Id", "A-17")));

        assertThatThrownBy(() -> batch.add(message("a.c", "", Map.of("Nats-Msg-Id", "A-17"))))
                .hasMessageContaining("A-17")
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.INVALID));
    }

    @Test
    void countsHeaders() {
        AtomicBatch batch = new AtomicBatch(1_000);
        batch.add(message("a.b", "", Map.of("X", "x".repeat(900))));

        assertThatThrownBy(() -> batch.add(message("a.b", "", Map.of("X", "x".repeat(900)))))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.TOO_LARGE));
    }
}
