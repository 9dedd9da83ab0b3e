package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.support.LogRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DroppedFailuresTest {
    private final LogRecords log = LogRecords.of(DroppedFailures.class.getName());

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void aRefusalThatNobodyWaitsForIsNotAnError() {
        DroppedFailures.dropped(Failure.NO_MESSAGE.because("no message found"));

        assertThat(log.messages()).containsExactly("DEBUG Nobody waits for this failure any more");
    }

    @Test
    void anyOtherFailureIsAnError() {
        DroppedFailures.dropped(new IllegalStateException("made up"));

        assertThat(log.messages()).containsExactly("ERROR No subscriber received this failure");
    }
}
