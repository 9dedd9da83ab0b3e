package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.publish.Receipt;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Publishes an order event: {@code ORDERS} stores it and subscribers receive it. */
class PublishOrderEventIT {

    @Test
    void anOrderIsStoredAndDeliveredToSubscribers() throws Exception {
        try (NatsServer server = NatsServer.started();
                TestOrders orders = new TestOrders(server, TestOrders.done());
                Connection listener = Nats.connect(server.url())) {
            Subscription created = listener.subscribe("orders.created");
            listener.flush(Timeouts.LIMIT);

            Receipt receipt = TestOrders.get(orders.intake.submit(TestOrders.order("A-17")));

            Message event = created.nextMessage(Timeouts.LIMIT);
            assertThat(List.of(receipt.stream(), receipt.sequence(), receipt.duplicate()))
                    .containsExactly("ORDERS", 1L, false);
            assertThat(new String(event.getData(), StandardCharsets.UTF_8))
                    .contains("\"order_id\":\"A-17\"", "\"amount\":4999");
        }
    }
}
