package dev.sluice.stream.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.failure.Failure;
import dev.sluice.stream.publish.PublishErrors.Repeat;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When an ingest tries again, what it believes, and what it says in the end. */
class SetbacksTest {
    private static final Backoff BACKOFF = new Backoff(Duration.ofNanos(100), Duration.ofNanos(1000));

    private final Setbacks setbacks = new Setbacks(BACKOFF, new Random(1), 0);

    @Test
    void pausesAfterARefusalAndThenLooksAtTheStream() {
        setbacks.refused(Failure.OVERLOADED.because("busy"), Repeat.UNTIL_DEADLINE, 0);

        assertThat(setbacks.pausing(79)).isTrue();
        assertThat(setbacks.pausing(121)).isFalse();
        assertThat(setbacks.streamInDoubt()).isTrue();
    }

    @Test
    void believesADoubtfulRefusalTheThirdTimeInARow() {
        setbacks.refused(Failure.STREAM_FULL.because("full"), Repeat.TWICE, 0);
        assertThat(setbacks.believes(Repeat.TWICE)).isFalse();

        setbacks.refused(Failure.STREAM_FULL.because("full"), Repeat.TWICE, 0);

        assertThat(setbacks.believes(Repeat.TWICE)).isTrue();
        setbacks.progress();
        assertThat(setbacks.believes(Repeat.TWICE)).isFalse();
    }

    @Test
    void saysThatTheOutcomeIsUnknownOnlyWhileItIs() {
        setbacks.unanswered(10);

        assertThat(setbacks.outcome(9).failure()).isEqualTo(Failure.OUTCOME_UNKNOWN);
        assertThat(setbacks.outcome(10).failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    @Test
    void saysTheLastRefusalWhereNothingIsUnknown() {
        setbacks.refused(Failure.OVERLOADED.because("busy"), Repeat.UNTIL_DEADLINE, 0);

        assertThat(setbacks.outcome(0).failure()).isEqualTo(Failure.OVERLOADED);
    }
}
