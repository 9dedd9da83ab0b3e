package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OrderStateTest {
    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00.123456789Z");
    private static final OrderMessage FIFTH = new OrderMessage(5, NOON);

    private final OrderState state = OrderState.processing(TestOrders.order("A-17"), FIFTH, 1);

    @Test
    void isFromItsMessage() {
        assertThat(state.isFrom(FIFTH)).isTrue();
        assertThat(state.supersedes(FIFTH)).isFalse();
    }

    @Test
    void supersedesAnEarlierMessage() {
        assertThat(state.supersedes(new OrderMessage(4, NOON.minusSeconds(1)))).isTrue();
    }

    @Test
    void supersedesNoLaterMessage() {
        assertThat(state.supersedes(new OrderMessage(6, NOON.plusSeconds(1)))).isFalse();
    }

    /** The clocks of two leaders differ. */
    @Test
    void supersedesNoMessageWithAHigherSequenceThatSeemsToBeOlder() {
        assertThat(state.supersedes(new OrderMessage(6, NOON.minusSeconds(1)))).isFalse();
    }

    @Test
    void supersedesNoMessageOfAStreamThatWasCreatedAgain() {
        assertThat(state.supersedes(new OrderMessage(1, NOON.plusSeconds(1)))).isFalse();
    }

    @Test
    void isNotFromTheMessageWithItsSequenceInAStreamThatWasCreatedAgain() {
        OrderMessage later = new OrderMessage(5, NOON.plusSeconds(1));

        assertThat(state.isFrom(later)).isFalse();
        assertThat(state.supersedes(later)).isFalse();
    }

    @Test
    void readsAStateOfAnotherVersion() throws Exception {
        OrderState other = new JsonMapper()
                .readValue(
                        "{\"order_id\":\"A-17\",\"amount\":5,\"status\":\"processing\",\"deliveries\":1,"
                                + "\"price_checked\":false,\"seq\":5,\"updated_at\":\"2026-08-27T10:00:00Z\",\"new\":1}",
                        OrderState.class);

        assertThat(other.isFrom(FIFTH)).isTrue();
        assertThat(other.supersedes(new OrderMessage(4, NOON))).isTrue();
    }
}
