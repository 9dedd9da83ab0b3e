package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.StartPosition;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Delivers 100,000 messages with random demand, cancellations, broken connections and a killed server. */
@Tag("slow")
class PullSoakIT {
    private static final int MESSAGES = 100_000;
    private static final int BETWEEN_OUTAGES = 8_000;
    private static final Duration LONG = Duration.ofSeconds(60);
    private NatsServer server;
    private TestPulls test;

    @BeforeEach
    void start() {
        server = NatsServer.started();
        test = new TestPulls(server);
        test.emptyStream(StorageType.File);
        test.publish(MESSAGES, i -> new byte[32]);
    }

    @AfterEach
    void stop() {
        test.close();
        server.close();
    }

    @Test
    void losesNothingOfAConsumerWithAcksAndNeverExceedsDemand() {
        ConsumerDefinition acked = new ConsumerDefinition(
                TestPulls.REF,
                true,
                List.of(),
                AckMode.EXPLICIT,
                Duration.ofSeconds(2),
                -1,
                2000,
                StartPosition.Edge.ALL,
                Duration.ZERO);
        test.declare(acked);
        Ledger ledger = new Ledger();
        Random random = new Random(7);
        int cancels = 0;
        int outages = 0;
        RandomDemand subscriber = subscribe(ledger, random);
        while (ledger.missing() > 0 && outages < 200) {
            awaitNextOutage(ledger);
            switch (outages % 3) {
                case 0 -> {
                    subscriber.cancel();
                    subscriber = subscribe(ledger, random);
                    cancels++;
                }
                case 1 -> test.reconnect();
                default -> restart(ledger);
            }
            outages++;
        }

        assertThat(ledger.missing()).isZero();
        assertThat(ledger.beyondDemand).isZero();
        assertThat(ledger.outOfOrder).as("first deliveries").isZero();
        assertThat(List.of(cancels > 0, outages > 5)).containsOnly(true);
        subscriber.cancel();
        await().atMost(LONG).until(() -> test.counters.active() == 0);
        assertThat(test.counters.outstanding()).isZero();
    }

    @Test
    void deliversAConsumerWithoutAcksOnceAndInOrder() {
        ConsumerDefinition ordered = ConsumerDefinition.ordered(TestPulls.REF, StartPosition.Edge.ALL);
        Ledger ledger = new Ledger();
        RandomDemand subscriber = new RandomDemand(new Random(11), ledger, delivery -> {});
        test.pulls.pull(ordered, test.pulls.options()).subscribe().withSubscriber(subscriber);

        for (int outages = 0; ledger.missing() > 0 && outages < 200; outages++) {
            awaitNextOutage(ledger);
            if (outages % 4 == 3) {
                restart(ledger);
            } else {
                test.reconnect();
            }
        }

        assertThat(ledger.missing()).isZero();
        assertThat(ledger.total()).isEqualTo(MESSAGES);
        assertThat(ledger.outOfOrder).isZero();
        assertThat(ledger.beyondDemand).isZero();
        await().atMost(LONG).until(this::anyPullWaits);
        subscriber.cancel();
        await().atMost(LONG).until(() -> test.manage(management -> management.getConsumerNames(TestPulls.STREAM))
                .isEmpty());
    }

    /** Polls at a short interval: on a fast machine a late outage means one outage less. */
    private static void awaitNextOutage(Ledger ledger) {
        int sofar = ledger.distinct();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(LONG)
                .until(() -> ledger.missing() == 0 || ledger.distinct() > sofar + BETWEEN_OUTAGES);
    }

    private boolean anyPullWaits() {
        return test.manage(management -> management.getConsumers(TestPulls.STREAM)).stream()
                .anyMatch(consumer -> consumer.getNumWaiting() > 0);
    }

    private RandomDemand subscribe(Ledger ledger, Random random) {
        ledger.expectEarlierOnes();
        RandomDemand subscriber = new RandomDemand(random, ledger, Delivery::ack);
        test.pulls.pull(TestPulls.REF, test.pulls.options()).subscribe().withSubscriber(subscriber);
        return subscriber;
    }

    /** A killed server has lost its record of the last deliveries and repeats them as first deliveries. */
    private void restart(Ledger ledger) {
        server.kill();
        await().atMost(LONG).until(() -> !test.link.up());
        long[] total = {-1};
        await().during(Duration.ofMillis(200)).atMost(LONG).until(() -> {
            boolean quiet = total[0] == ledger.total();
            total[0] = ledger.total();
            return quiet;
        });
        ledger.expectEarlierOnes();
        server.start();
        await().atMost(LONG).until(() -> test.link.up() && test.side.getStatus() == Connection.Status.CONNECTED);
    }

    /** The deliveries of all subscriptions. */
    private static final class Ledger {
        private final BitSet seen = new BitSet(MESSAGES + 1);
        private long lastFirst;
        private long total;
        private int outOfOrder;
        private int beyondDemand;

        synchronized void expectEarlierOnes() {
            lastFirst = 0;
        }

        synchronized void add(Delivery delivery, boolean wanted) {
            total++;
            seen.set((int) delivery.streamSequence());
            if (!wanted) {
                beyondDemand++;
            }
            if (delivery.delivered() == 1) {
                if (delivery.streamSequence() <= lastFirst) {
                    outOfOrder++;
                }
                lastFirst = delivery.streamSequence();
            }
        }

        synchronized long total() {
            return total;
        }

        synchronized int distinct() {
            return seen.cardinality();
        }

        synchronized int missing() {
            return MESSAGES - seen.cardinality();
        }
    }

    /** Requests a random number of messages, and more after these have arrived. */
    private static final class RandomDemand implements MultiSubscriber<Delivery> {
        private final Random random;
        private final Ledger ledger;
        private final Consumer<Delivery> settle;
        private final AtomicLong wanted = new AtomicLong();
        private volatile Flow.Subscription upstream;

        private RandomDemand(Random random, Ledger ledger, Consumer<Delivery> settle) {
            this.random = random;
            this.ledger = ledger;
            this.settle = settle;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            upstream = subscription;
            more();
        }

        @Override
        public void onItem(Delivery delivery) {
            long left = wanted.decrementAndGet();
            ledger.add(delivery, left >= 0);
            settle.accept(delivery);
            if (left == 0) {
                more();
            }
        }

        private void more() {
            long count = 1L + random.nextInt(random.nextInt(10) == 0 ? 3 : 2000);
            wanted.addAndGet(count);
            upstream.request(count);
        }

        void cancel() {
            upstream.cancel();
        }

        @Override
        public void onFailure(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onCompletion() {
            throw new AssertionError("a pull never completes");
        }
    }
}
