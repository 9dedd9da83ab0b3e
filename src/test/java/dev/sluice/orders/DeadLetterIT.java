package dev.sluice.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.support.LogRecords;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterIT {
    private NatsServer server;

    @BeforeEach
    void startServer() {
        server = NatsServer.started();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void storesInvalidJsonWithPayloadHeadersAndReason() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            Receipt receipt = orders.publish("not json", Map.of("X-Origin", List.of("shop")));

            DeadLetter letter = orders.awaitDeadLetters(1).get(0);
            assertThat(text(letter)).isEqualTo("not json");
            assertThat(letter.headers()).containsEntry("X-Origin", List.of("shop"));
            assertThat(letter.reason()).isEqualTo("This is not JSON");
            assertThat(letter.originSequence()).isEqualTo(receipt.sequence());
            nextIsProcessed(orders);
        }
    }

    @Test
    void storesANegativeAmount() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            orders.publish("{\"order_id\":\"A-1\",\"amount\":-5}");

            assertThat(orders.awaitDeadLetters(1).get(0).reason()).contains("amount is a positive integer");
            nextIsProcessed(orders);
        }
    }

    @Test
    void storesAnOrderOf900KiB() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            orders.publish("{\"order_id\":\"A-1\",\"amount\":\"" + "9".repeat(900 << 10) + "\"}");

            assertThat(orders.awaitDeadLetters(1).get(0).data()).hasSizeGreaterThan(900 << 10);
            nextIsProcessed(orders);
        }
    }

    @Test
    void storesAtOnceAMessageWhoseHeadersAreNotAscii() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor");
                RawClient raw = new RawClient(server)) {
            raw.publish("orders.created", "X-Name: Jürgen\r\n", "{\"order_id\":\"A-1\",\"amount\":5}");
            raw.flush();

            DeadLetter letter = orders.awaitDeadLetters(1).get(0);
            assertThat(text(letter)).isEqualTo("{\"order_id\":\"A-1\",\"amount\":5}");
            assertThat(letter.reason()).contains("headers");
            String block = letter.headers().get(DeadLetterHeaders.HEADER_BLOCK).get(0);
            assertThat(Base64.getDecoder().decode(block)).asString().isEqualTo("NATS/1.0\r\nX-Name: Jürgen\r\n\r\n");
            orders.awaitStatus("A-1", OrderStatus.REJECTED);
            nextIsProcessed(orders);
        }
    }

    @Test
    void storesAnOrderThatFailsFiveTimes() {
        List<String> attempts = new CopyOnWriteArrayList<>();
        OrderHandler fails = order -> {
            attempts.add(order.orderId());
            return Uni.createFrom().failure(new IllegalStateException("always"));
        };
        try (TestOrders orders = new TestOrders(server, fails, "processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-1")));

            OrderState state = orders.awaitStatus("A-1", OrderStatus.DEAD);
            assertThat(state.deliveries()).isEqualTo(5);
            assertThat(attempts).hasSize(5);
            assertThat(orders.deadLetters("ORDERS")).hasSize(1);
        }
    }

    @Test
    void storesAnOrderWhoseWorkerDiedOnTheLastDelivery() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "undertaker")) {
            Cancellable dying = orders.pulls
                    .pull(OrderWorkers.PROCESSOR, orders.pulls.options())
                    .subscribe()
                    .with(Delivery::delivered);
            TestOrders.get(orders.intake.submit(TestOrders.order("A-1")));

            DeadLetter letter = orders.awaitDeadLetters(1).get(0);
            dying.cancel();
            assertThat(letter.consumer()).isEqualTo("order-processor");
            assertThat(letter.deliveries()).isEqualTo(5);
            orders.awaitStatus("A-1", OrderStatus.DEAD);
        }
    }

    @Test
    @Tag("slow")
    void storesAnExhaustedOrderWhenTheDeadLetterStreamIsThereAgain() {
        try (LogRecords log = LogRecords.of(ExhaustedOrderWorker.class.getName());
                TestOrders orders = new TestOrders(server, TestOrders.done(), "undertaker")) {
            StreamConfiguration missing =
                    orders.manage(it -> it.getStreamInfo(DeadLetters.STREAM)).getConfiguration();
            orders.manage(it -> it.deleteStream(DeadLetters.STREAM));
            Receipt receipt = TestOrders.get(orders.intake.submit(TestOrders.order("A-1")));
            orders.exhaust(receipt.sequence());
            await().atMost(Timeouts.LIMIT)
                    .until(() -> log.messages().stream().anyMatch(message -> message.contains("could not be stored")));

            orders.manage(it -> it.addStream(missing));

            assertThat(orders.awaitDeadLetters(1).get(0).originSequence()).isEqualTo(receipt.sequence());
            orders.awaitStatus("A-1", OrderStatus.DEAD);
        }
    }

    @Test
    void storesAMessageWhoseHeadersLeaveNoRoomForTheReason() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            orders.publish("not json", Map.of("X-Long", List.of("x".repeat(65_300))));

            DeadLetter letter = orders.awaitDeadLetters(1).get(0);
            assertThat(text(letter)).isEqualTo("not json");
            assertThat(letter.reason()).isEqualTo("This is not JSON");
            assertThat(letter.headers())
                    .containsEntry(DeadLetterHeaders.HEADERS_OMITTED, List.of("too large"))
                    .doesNotContainKey("X-Long");
            nextIsProcessed(orders);
        }
    }

    @Test
    void redrivesNoMessageWithoutItsHeaders() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            orders.publish("not json", Map.of("X-Long", List.of("x".repeat(65_300))));
            DeadLetter letter = orders.awaitDeadLetters(1).get(0);

            assertThatThrownBy(() -> TestOrders.get(orders.deadLetters.redrive(letter.sequence())))
                    .isInstanceOfSatisfying(SluiceException.class, refused -> assertThat(refused.failure())
                            .isEqualTo(Failure.INVALID));
        }
    }

    /** Any client of NATS can publish on the subjects of the dead letters. */
    @Test
    void redrivesNoMessageThatIsNoDeadLetter() {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor");
                RawClient raw = new RawClient(server)) {
            raw.publish("dead.ORDERS", "X-Name: x\r\n", "foreign");
            raw.flush();
            DeadLetter letter = orders.awaitDeadLetters(1).get(0);

            assertThatThrownBy(() -> TestOrders.get(orders.deadLetters.redrive(letter.sequence())))
                    .isInstanceOfSatisfying(SluiceException.class, refused -> assertThat(refused.failure())
                            .isEqualTo(Failure.INVALID))
                    .hasMessageContaining("no dead letter");
        }
    }

    @Test
    void twoWorkersStoreAnOrderOnce() {
        OrderHandler rejects = order -> Uni.createFrom().item(new Outcome.Reject("no"));
        try (TestOrders orders = new TestOrders(server, rejects, "processor", "batch-processor")) {
            TestOrders.get(orders.intake.submit(TestOrders.order("A-1")));

            orders.awaitStatus("A-1", OrderStatus.REJECTED);
            await().during(Duration.ofMillis(600))
                    .atMost(Timeouts.LIMIT)
                    .untilAsserted(() -> assertThat(orders.awaitDeadLetters(1)).hasSize(1));
        }
    }

    @Test
    void redrivesWithANewMessageId() {
        AtomicBoolean repaired = new AtomicBoolean();
        OrderHandler handler = order ->
                Uni.createFrom().item(repaired.get() ? new Outcome.Done(false) : new Outcome.Reject("not yet"));
        try (TestOrders orders = new TestOrders(server, handler, "processor")) {
            Receipt first = TestOrders.get(orders.intake.submit(TestOrders.order("A-1")));
            DeadLetter letter = orders.awaitDeadLetters(1).get(0);
            orders.awaitStatus("A-1", OrderStatus.REJECTED);
            repaired.set(true);

            Receipt second = TestOrders.get(orders.deadLetters.redrive(letter.sequence()));

            assertThat(second.duplicate()).isFalse();
            assertThat(second.sequence()).isGreaterThan(first.sequence());
            orders.awaitStatus("A-1", OrderStatus.PROCESSED);
            TestOrders.get(orders.deadLetters.delete(letter.sequence()));
            assertThat(orders.deadLetters("*")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"not a state", "{}", "{\"x\":1}"})
    void storesAnOrderWhoseStatusCannotBeRead(String state) {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "processor")) {
            orders.breakState("A-1", state);
            orders.publish("{\"order_id\":\"A-1\",\"amount\":5}");

            assertThat(orders.awaitDeadLetters(1).get(0).reason()).contains("status of the order A-1 cannot be read");
            assertThatThrownBy(() -> TestOrders.get(orders.states.find("A-1")))
                    .isInstanceOfSatisfying(SluiceException.class, broken -> assertThat(broken.failure())
                            .isEqualTo(Failure.INTERNAL));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"not a state", "{}", "{\"x\":1}"})
    void storesAnExhaustedOrderWhoseStatusCannotBeRead(String state) {
        try (TestOrders orders = new TestOrders(server, TestOrders.done(), "undertaker")) {
            orders.breakState("A-1", state);
            Receipt receipt = orders.publish("{\"order_id\":\"A-1\",\"amount\":5}");

            orders.exhaust(receipt.sequence());

            assertThat(orders.awaitDeadLetters(1).get(0).originSequence()).isEqualTo(receipt.sequence());
        }
    }

    private static void nextIsProcessed(TestOrders orders) {
        TestOrders.get(orders.intake.submit(TestOrders.order("next")));
        orders.awaitStatus("next", OrderStatus.PROCESSED);
    }

    private static String text(DeadLetter letter) {
        return new String(letter.data(), StandardCharsets.UTF_8);
    }
}
