package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.Timeouts;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.Cancellable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An R3 stream stays available to publishers and consumers when its leader steps down or is killed. An election takes
 * up to ten seconds, so a publish needs a longer deadline.
 */
@Tag("slow")
class LeaderChangeIT {
    private static final int MESSAGES = 3000;

    private NatsCluster cluster;
    private TestPulls test;
    private StoredPublisher publisher;
    private final BitSet delivered = new BitSet();

    @BeforeEach
    void start() {
        cluster = NatsCluster.started();
        test = new TestPulls(cluster);
        publisher = TestPublishing.publisher(test.link, Map.of("deadline", "40s"));
        cluster.create(StreamConfiguration.builder()
                .name(TestPulls.STREAM)
                .subjects("work.>")
                .replicas(3)
                .build());
        await().atMost(Timeouts.LIMIT).ignoreExceptions().until(this::replicatedConsumer);
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void stop() {
        publisher.close();
        test.close();
        cluster.close();
    }

    @Test
    void nothingIsLostWhenTheLeadersStepDown() {
        throughAChange(() -> {
            change(this::streamLeader, () -> assertThat(cluster.stepDownStream(TestPulls.STREAM))
                    .isTrue());
            change(this::consumerLeader, () -> assertThat(
                            cluster.stepDownConsumer(TestPulls.STREAM, TestPulls.REF.consumer()))
                    .isTrue());
        });
    }

    @Test
    void nothingIsLostWhenTheLeaderIsKilled() {
        throughAChange(() ->
                change(this::streamLeader, () -> cluster.server(streamLeader()).kill()));
    }

    /** Publishes and consumes, runs the change after a third is stored, and compares both sides at the end. */
    private void throughAChange(Runnable change) {
        Cancellable consumer = test.pulls
                .pull(TestPulls.REF, test.pulls.options())
                .invoke(this::note)
                .subscribe()
                .with(Delivery::ack);

        CompletableFuture<Void> changed = new CompletableFuture<>();

        List<Receipt> receipts = publisher
                .publish(Multi.createFrom().range(0, MESSAGES).map(LeaderChangeIT::message))
                .onItem()
                .invoke(receipt -> {
                    if (receipt.sequence() == MESSAGES / 3) {
                        changed.completeAsync(() -> {
                            change.run();
                            return null;
                        });
                    }
                })
                .collect()
                .asList()
                .await()
                .atMost(Timeouts.LIMIT);

        assertThat(changed).succeedsWithin(Timeouts.LIMIT);
        assertThat(receipts)
                .extracting(Receipt::sequence)
                .doesNotHaveDuplicates()
                .hasSize(MESSAGES);
        await().atMost(Timeouts.LIMIT).until(() -> count() == MESSAGES);
        assertThat(test.manage(it -> it.getStreamInfo(TestPulls.STREAM))
                        .getStreamState()
                        .getMsgCount())
                .isEqualTo(MESSAGES);
        consumer.cancel();
    }

    /** Runs the change and waits until another server is the leader. */
    private static void change(Supplier<String> leader, Runnable change) {
        String before = await().atMost(Timeouts.LIMIT).until(leader::get, name -> !name.isBlank());
        change.run();
        await().atMost(Timeouts.LIMIT).until(leader::get, now -> !now.isBlank() && !now.equals(before));
    }

    private String streamLeader() {
        return cluster.streamLeader(TestPulls.STREAM);
    }

    private String consumerLeader() {
        return cluster.consumerLeader(TestPulls.STREAM, TestPulls.REF.consumer());
    }

    private boolean replicatedConsumer() throws IOException, JetStreamApiException {
        return test.side
                        .jetStreamManagement()
                        .addOrUpdateConsumer(
                                TestPulls.STREAM,
                                ConsumerConfiguration.builder(test.durable().toConfiguration())
                                        .ackWait(Duration.ofSeconds(2))
                                        .build())
                        .getClusterInfo()
                        .getLeader()
                != null;
    }

    private synchronized void note(Delivery delivery) {
        delivered.set((int) delivery.streamSequence());
    }

    private synchronized int count() {
        return delivered.cardinality();
    }

    private static OutboundMessage message(int number) {
        byte[] data = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        return new OutboundMessage(new Subject("work.item"), Map.of(), data);
    }
}
