package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.Settings;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FetchSlotsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final FetchSlots slots =
            new FetchSlots(Settings.of(HttpConfig.class, Map.of("sluice.http.fetch.max-waiting", "2")));

    @Test
    void rejectsAndCountsAFetchBeyondTheLimit() {
        fetch();
        fetch();

        assertThatThrownBy(() -> slots.guard(Uni.createFrom().nothing()).await().atMost(SOON))
                .isInstanceOfSatisfying(SluiceException.class, refusal -> assertThat(refusal.failure())
                        .isEqualTo(Failure.OVERLOADED));
        assertThat(slots.open()).isEqualTo(2);
        assertThat(slots.refused()).isEqualTo(1);
    }

    @Test
    void aReturnedSlotIsAvailableAgain() {
        fetch();
        fetch().cancel();

        fetch();

        assertThat(slots.open()).isEqualTo(2);
        assertThat(slots.refused()).isZero();
    }

    private Cancellable fetch() {
        return slots.guard(Uni.createFrom().nothing()).subscribe().with(fetched -> {}, refused -> {});
    }
}
