package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.flow.Backoff;
import dev.sluice.stream.publish.PublishErrors.Repeat;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests when an ingest retries, which rejections it accepts as final, and its final failure. */
class IngestRetryStateTest {
    private static final Backoff BACKOFF = new Backoff(Duration.ofNanos(100), Duration.ofNanos(1000));

    private final IngestRetryState retryState = new IngestRetryState(BACKOFF, new Random(1), 0);

    @Test
    void pausesAfterARejectionAndThenAsksForTheStream() {
        retryState.refused(Failure.OVERLOADED.because("busy"), Repeat.UNTIL_DEADLINE, 0);

        assertThat(retryState.pausing(79)).isTrue();
        assertThat(retryState.pausing(121)).isFalse();
        assertThat(retryState.streamInDoubt()).isTrue();
    }

    @Test
    void acceptsADoubtfulRejectionTheThirdTimeInARow() {
        retryState.refused(Failure.STREAM_FULL.because("full"), Repeat.TWICE, 0);
        assertThat(retryState.isFinal(Repeat.TWICE)).isFalse();

        retryState.refused(Failure.STREAM_FULL.because("full"), Repeat.TWICE, 0);

        assertThat(retryState.isFinal(Repeat.TWICE)).isTrue();
        retryState.progress();
        assertThat(retryState.isFinal(Repeat.TWICE)).isFalse();
    }

    @Test
    void reportsAnUnknownOutcomeOnlyWhileItIsUnknown() {
        retryState.unanswered(10);

        assertThat(retryState.outcome(9).failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
        assertThat(retryState.outcome(10).failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void reportsTheLastRejectionIfNothingIsUnknown() {
        retryState.refused(Failure.OVERLOADED.because("busy"), Repeat.UNTIL_DEADLINE, 0);

        assertThat(retryState.outcome(0).failure()).isEqualTo(Failure.OVERLOADED);
    }
}
