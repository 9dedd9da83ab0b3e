package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.stream.publish.Receipt;
import dev.sluice.support.NatsServer;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The stream of the orders is deleted and created again, and its sequences begin again; states and dead letters stay. */
class OrderStreamRecreatedIT {
    private static final String ID = "A-17";
    private static final Order ORDER = TestOrders.order(ID);
    private static final String PAYLOAD = "{\"order_id\":\"A-17\",\"amount\":4999}";

    private final AtomicReference<Outcome> outcome = new AtomicReference<>(new Outcome.Done(false));
    private final NatsServer server = NatsServer.started();
    private final TestOrders orders =
            new TestOrders(server, order -> Uni.createFrom().item(outcome.get()));

    @AfterEach
    void close() {
        orders.close();
        server.close();
    }

    @Test
    void storesAnOrderAgainThatNoWorkerHasReceived() {
        TestOrders.get(orders.intake.submit(TestOrders.order("other")));
        TestOrders.get(orders.intake.submit(ORDER));
        orders.recreateStream();

        Receipt again = TestOrders.get(orders.intake.submit(ORDER));

        assertThat(again).isEqualTo(new Receipt(OrderIntake.STREAM, 1, false));
        assertThat(TestOrders.get(orders.states.find(ID)))
                .hasValueSatisfying(state -> assertThat(state.sequence()).isEqualTo(1));
        orders.settleNext();
        orders.awaitStatus(ID, OrderStatus.PROCESSED);
    }

    @Test
    void storesAnOrderAgainWhoseSequenceIsThatOfAnotherOrder() {
        TestOrders.get(orders.intake.submit(ORDER));
        orders.recreateStream();
        TestOrders.get(orders.intake.submit(TestOrders.order("other")));

        assertThat(TestOrders.get(orders.intake.submit(ORDER))).isEqualTo(new Receipt(OrderIntake.STREAM, 2, false));
    }

    @Test
    void storesAnOrderAgainWhoseMessageWasDeleted() {
        TestOrders.get(orders.intake.submit(ORDER));
        orders.manage(it -> it.deleteMessage(OrderIntake.STREAM, 1));

        assertThat(TestOrders.get(orders.intake.submit(ORDER))).isEqualTo(new Receipt(OrderIntake.STREAM, 2, false));
    }

    @Test
    void processesAnOrderThatWasInProgress() {
        processing(10);
        orders.recreateStream();
        orders.publish(PAYLOAD);

        orders.settleNext();

        assertThat(orders.awaitStatus(ID, OrderStatus.PROCESSED).sequence()).isEqualTo(1);
    }

    @Test
    void processesARedrivenOrder() {
        outcome.set(new Outcome.Reject("not yet"));
        TestOrders.get(orders.intake.submit(ORDER));
        orders.settleNext();
        DeadLetter letter = orders.awaitDeadLetters(1).get(0);
        orders.recreateStream();
        outcome.set(new Outcome.Done(false));

        TestOrders.get(orders.deadLetters.redrive(letter.sequence()));
        orders.settleNext();

        orders.awaitStatus(ID, OrderStatus.PROCESSED);
    }

    @Test
    void storesADeadLetterWithTheSequenceOfAnEarlierOne() {
        orders.publish("not json");
        orders.settleNext();
        orders.recreateStream();
        orders.publish("no order either");

        orders.settleNext();

        assertThat(orders.deadLetters("*"))
                .extracting(DeadLetter::originSequence)
                .containsExactly(1L, 1L);
    }

    private void processing(long sequence) {
        TestOrders.get(orders.states.change(
                ID, none -> Optional.of(OrderState.processing(ORDER, new OrderMessage(sequence, Instant.now()), 1))));
    }
}
