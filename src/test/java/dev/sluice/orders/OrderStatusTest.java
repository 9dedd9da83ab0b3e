package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrderStatusTest {

    @ParameterizedTest
    @EnumSource(OrderStatus.class)
    void nothingFollowsAProcessedOrder(OrderStatus next) {
        assertThat(OrderStatus.PROCESSED.mayBecome(next)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = OrderStatus.class,
            names = {"REJECTED", "DEAD"})
    void aRejectedOrDeadOrderCanOnlyBeProcessedAgain(OrderStatus status) {
        assertThat(OrderStatus.values()).filteredOn(status::mayBecome).containsExactly(OrderStatus.PROCESSING);
    }

    @ParameterizedTest
    @EnumSource(OrderStatus.class)
    void nothingBecomesReceivedAgain(OrderStatus status) {
        assertThat(status.mayBecome(OrderStatus.RECEIVED)).isFalse();
    }

    @Test
    void isWrittenInLowerCase() {
        assertThat(OrderStatus.PROCESSING.wireName()).isEqualTo("processing");
        assertThat(OrderStatus.of("processing")).isEqualTo(OrderStatus.PROCESSING);
    }
}
