package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fetches from a consumer with three replicas, whose statuses can arrive before its messages. */
class ReplicatedFetchIT {
    private static final int MESSAGES = 1_000;
    private static final Duration CONFIRMATION = Duration.ofSeconds(20);

    private static NatsCluster cluster;
    private static TestPulls test;

    @BeforeAll
    static void start() {
        cluster = NatsCluster.started();
        test = new TestPulls(cluster);
    }

    @AfterAll
    static void stop() {
        test.close();
        cluster.close();
    }

    @BeforeEach
    void replicate() {
        cluster.delete(TestPulls.STREAM);
        cluster.create(StreamConfiguration.builder()
                .name(TestPulls.STREAM)
                .subjects("work.>")
                .storageType(StorageType.File)
                .replicas(3)
                .build());
        await().atMost(Timeouts.LIMIT)
                .ignoreExceptions()
                .until(() -> test.manage(management -> management
                                .addOrUpdateConsumer(
                                        TestPulls.STREAM,
                                        ConsumerConfiguration.builder(
                                                        test.durable().toConfiguration())
                                                .ackWait(Timeouts.LIMIT)
                                                .build())
                                .getClusterInfo()
                                .getLeader())
                        != null);
    }

    @Test
    @Tag("slow")
    void returnsEachMessageOnce() {
        test.publish(MESSAGES);

        List<Delivery> fetched = fetchAll(new FetchRequest(200, 1 << 20, Timeouts.LIMIT, true));

        assertThat(fetched)
                .extracting(Delivery::streamSequence)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, MESSAGES).boxed().toList());
        assertThat(fetched)
                .allSatisfy(delivery -> assertThat(delivery.delivered()).isEqualTo(1));
    }

    @Test
    void returnsEachMessageOnceInBatchesLimitedByBytes() {
        test.publish(MESSAGES, i -> new byte[500]);

        List<Delivery> fetched = fetchAll(new FetchRequest(200, 20_000, Duration.ofSeconds(2), true));

        assertThat(fetched).hasSize(MESSAGES).allSatisfy(delivery -> assertThat(delivery.delivered())
                .isEqualTo(1));
    }

    @Test
    void returnsEachMessageOnceAlsoWithoutWaiting() {
        test.publish(MESSAGES);

        List<Delivery> fetched = fetchAll(new FetchRequest(300, 1 << 20, Timeouts.LIMIT, false));

        assertThat(fetched).hasSize(MESSAGES).allSatisfy(delivery -> assertThat(delivery.delivered())
                .isEqualTo(1));
    }

    @Test
    void returnsTheMessagesSoFarWhenItExpires() {
        test.publish(7);

        List<Delivery> fetched = fetch(new FetchRequest(10, 1 << 20, Duration.ofMillis(500), true));

        assertThat(fetched).hasSize(7);
    }

    /**
     * The leader reports a full batch at once, but sends its messages only after a majority knows of the deliveries.
     * Servers before 2.10 do not wait for the majority.
     */
    @Test
    void isNotEmptyBecauseGrantedMessagesDoNotArrive() {
        test.publish(10);
        String leader = cluster.consumerLeader(TestPulls.STREAM, TestPulls.REF.consumer());
        List<NatsServer> followers = cluster.serversBut(leader);
        try (TestPulls connected = new TestPulls(cluster.server(leader))) {
            followers.forEach(NatsServer::freeze);

            Optional<List<Delivery>> fetched = connected
                    .pulls
                    .fetchWhole(TestPulls.REF, new FetchRequest(10, 1 << 20, Timeouts.LIMIT, true))
                    .map(Optional::of)
                    .onFailure(Failure.UNAVAILABLE::matches)
                    .recoverWithItem(Optional.empty())
                    .await()
                    .atMost(Timeouts.LIMIT);

            assertThat(fetched).isNotEqualTo(Optional.of(List.of()));
        } finally {
            followers.forEach(NatsServer::thaw);
        }
    }

    /** Between two leaders nobody receives acks. An ack that a retiring leader has taken may have no confirmation. */
    @Test
    void confirmsAcksDuringChangesOfTheLeader() {
        test.publish(5);
        List<Delivery> fetched = fetch(new FetchRequest(5, 1 << 20, Timeouts.LIMIT, true));
        AckSender acks = new AckSender(test.link);

        for (Delivery delivery : fetched) {
            cluster.stepDownConsumer(TestPulls.STREAM, TestPulls.REF.consumer());

            acks.confirmed(delivery.position(), AckType.ack(), CONFIRMATION)
                    .onFailure(Failure.OUTCOME_UNKNOWN::matches)
                    .recoverWithNull()
                    .await()
                    .atMost(Timeouts.LIMIT);
        }
    }

    /** Servers before 2.10 report a replica that is deleted like a consumer that is deleted. */
    @Test
    void findsTheConsumerWhoseReplicaIsDeleted() {
        leadApart();
        UniAssertSubscriber<List<Delivery>> fetch = test.pulls
                .fetchWhole(TestPulls.REF, new FetchRequest(1, 1 << 20, Duration.ofSeconds(10), true))
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() == 1);

        reduce();

        await().atMost(Timeouts.LIMIT).until(() -> fetch.getItem() != null || fetch.getFailure() != null);
        assertThat(fetch.getFailure()).matches(failure -> failure == null || Failure.UNAVAILABLE.matches(failure));
    }

    @Test
    void aSubscriptionContinuesWhenAReplicaIsDeleted() {
        leadApart();
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, 10);
        await().atMost(Timeouts.LIMIT).until(() -> test.info().getNumWaiting() > 0);

        reduce();
        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(() -> {
            test.publish(1);
            return true;
        });

        subscriber.awaitItems(1, Timeouts.LIMIT);
        subscriber.cancel();
    }

    /** Lets another server lead the consumer than the stream, whose leader keeps its replica. */
    private static void leadApart() {
        await().atMost(Timeouts.LIMIT).until(() -> {
            String leader = cluster.consumerLeader(TestPulls.STREAM, TestPulls.REF.consumer());
            if (!leader.isEmpty() && !leader.equals(cluster.awaitStreamLeader(TestPulls.STREAM))) {
                return true;
            }
            cluster.stepDownConsumer(TestPulls.STREAM, TestPulls.REF.consumer());
            return false;
        });
    }

    private static void reduce() {
        test.manage(management -> management.updateStream(StreamConfiguration.builder()
                .name(TestPulls.STREAM)
                .subjects("work.>")
                .storageType(StorageType.File)
                .replicas(1)
                .build()));
    }

    private static List<Delivery> fetchAll(FetchRequest request) {
        List<Delivery> all = new ArrayList<>();
        while (all.size() < MESSAGES) {
            List<Delivery> fetched = fetch(request);
            assertThat(fetched)
                    .as("a fetch, %d being there", MESSAGES - all.size())
                    .isNotEmpty();
            fetched.forEach(Delivery::ack);
            all.addAll(fetched);
        }
        return all;
    }

    private static List<Delivery> fetch(FetchRequest request) {
        return test.pulls.fetchWhole(TestPulls.REF, request).await().atMost(Timeouts.LIMIT);
    }
}
