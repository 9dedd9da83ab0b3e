package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.StartPosition;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Acks that also ack all earlier messages (AckPolicy All). */
class CumulativeAckIT {
    private static final Duration ACK_WAIT = Duration.ofSeconds(1);
    private static final int MESSAGES = 5;

    private NatsServer server;
    private TestPulls test;
    private AssertSubscriber<Delivery> subscriber;

    @BeforeEach
    void subscribe() {
        server = NatsServer.started();
        test = new TestPulls(server);
        test.emptyStream(StorageType.File);
        test.declare(new ConsumerDefinition(
                TestPulls.REF, true, List.of(), AckMode.ALL, ACK_WAIT, -1, 100, StartPosition.Edge.ALL, Duration.ZERO));
        test.publish(MESSAGES);
        subscriber = test.subscribe(TestPulls.REF, 100).awaitItems(MESSAGES, Timeouts.LIMIT);
    }

    @AfterEach
    void close() {
        test.close();
        server.close();
    }

    @Test
    void acksOfOneTurnAreSentAsOneAck() throws Exception {
        Queue<String> acks = new ConcurrentLinkedQueue<>();
        test.side.createDispatcher(ack -> acks.add(subject(ack))).subscribe("$JS.ACK." + TestPulls.STREAM + ".>");
        test.side.flush(Timeouts.LIMIT);
        Queue<Runnable> serial = new ArrayDeque<>();
        ConsumerAcks cumulative = new ConsumerAcks(
                test.link, AckMode.ALL, test.counters, Runnable::run, serial::add, test.link.connection());

        subscriber.getItems().forEach(delivery -> cumulative.ack(delivery.position()));
        serial.forEach(Runnable::run);

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getAckFloor().getStreamSequence() == MESSAGES);
        assertThat(acks).containsExactly(last().position().toString());
    }

    @Test
    void anAckAfterTheEndOfTheSubscriptionCounts() {
        subscriber.cancel();
        await().atMost(Timeouts.LIMIT).until(() -> test.counters.active() == 0);

        last().ack();

        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 0);
    }

    @Test
    void aRedeliveryAfterALostAckIsAckedAgain() throws Exception {
        Connection gone = Nats.connect(server.url());
        gone.close();
        ConsumerAcks acks = new ConsumerAcks(test.link, AckMode.ALL, test.counters, Runnable::run, Runnable::run, gone);
        AckSubject lost = last().position();
        acks.ack(lost);
        acks.useConnection(test.link.connection());

        AckSubject again = subscriber
                .awaitItems(2 * MESSAGES, Timeouts.LIMIT)
                .getItems()
                .get(2 * MESSAGES - 1)
                .position();

        assertThat(acks.covers(lost)).isTrue();
        assertThat(acks.covers(again)).isFalse();
        acks.ack(again);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumAckPending() == 0);
    }

    private Delivery last() {
        List<Delivery> items = subscriber.getItems();
        return items.get(items.size() - 1);
    }

    private static String subject(Message ack) {
        return ack.getSubject();
    }
}
