package dev.sluice.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests that the failure of an expired retry is the last one of what was retried. */
class ExpiredRetryTest {
    @Test
    void isTheLastFailure() {
        SluiceException overloaded = Failure.OVERLOADED.because("full");

        assertThatThrownBy(() -> Uni.createFrom()
                        .failure(overloaded)
                        .onFailure()
                        .retry()
                        .withBackOff(Duration.ofMillis(1), Duration.ofMillis(1))
                        .expireIn(20)
                        .onFailure()
                        .transform(ExpiredRetry::lastFailure)
                        .await()
                        .atMost(Duration.ofSeconds(30)))
                .isSameAs(overloaded);
    }

    @Test
    void leavesOtherFailures() {
        IllegalStateException other = new IllegalStateException("no cause");

        assertThat(ExpiredRetry.lastFailure(other)).isSameAs(other);
    }
}
