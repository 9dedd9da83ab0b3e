package dev.sluice.http.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.http.HttpConfig;
import dev.sluice.support.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FetchSlotsTest {
    private final FetchSlots slots =
            new FetchSlots(Settings.of(HttpConfig.class, Map.of("sluice.http.fetch.max-waiting", "2")));

    @Test
    void rejectsAndCountsAFetchBeyondTheLimit() {
        slots.take();
        slots.take();

        assertThatThrownBy(slots::take)
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.OVERLOADED));
        assertThat(slots.open()).isEqualTo(2);
        assertThat(slots.refused()).isEqualTo(1);
    }

    @Test
    void aReturnedSlotIsAvailableAgain() {
        slots.take();
        slots.take().run();

        slots.take();

        assertThat(slots.open()).isEqualTo(2);
        assertThat(slots.refused()).isZero();
    }
}
