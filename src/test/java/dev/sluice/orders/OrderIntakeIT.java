package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.support.NatsServer;
import io.nats.client.api.StreamConfiguration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Resubmission of orders while no worker runs. */
class OrderIntakeIT {
    private static final String ID = "A-17";

    private final NatsServer server = NatsServer.started();
    private final TestOrders orders = new TestOrders(server, TestOrders.done());

    @AfterEach
    void close() {
        orders.close();
        server.close();
    }

    @Test
    void aSecondAttemptStoresTheMissingStatus() {
        Receipt first = orders.publish("{\"order_id\":\"A-17\",\"amount\":4999}", Map.of("Nats-Msg-Id", List.of(ID)));

        Receipt again = TestOrders.get(orders.intake.submit(TestOrders.order(ID)));

        assertThat(again.duplicate()).isTrue();
        assertThat(TestOrders.get(orders.states.find(ID))).hasValueSatisfying(state -> {
            assertThat(state.status()).isEqualTo(OrderStatus.RECEIVED);
            assertThat(state.sequence()).isEqualTo(first.sequence());
        });
    }

    @Test
    void doesNotRefuseAStoredOrderWhoseStatusCannotBeStored() {
        orders.manage(it -> it.updateStream(
                StreamConfiguration.builder(it.getStreamInfo("KV_ORDER_STATUS").getConfiguration())
                        .maxBytes(1)
                        .build()));

        assertThatThrownBy(() -> TestOrders.get(orders.intake.submit(TestOrders.order(ID))))
                .isInstanceOfSatisfying(SluiceException.class, unknown -> assertThat(unknown.failure())
                        .isEqualTo(Failure.OUTCOME_UNKNOWN));

        assertThat(orders.manage(it -> it.getMessage(OrderIntake.STREAM, 1)).getData())
                .asString()
                .contains(ID);
    }
}
