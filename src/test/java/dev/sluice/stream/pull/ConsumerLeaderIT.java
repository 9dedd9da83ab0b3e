package dev.sluice.stream.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.Broker;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client is connected to another server than the consumer's leader, and the leader changes. */
@Tag("slow")
class ConsumerLeaderIT {
    private static final Duration TIMEOUT = Broker.AGREEMENT;
    private static final Duration EXPIRY = Duration.ofSeconds(3);
    /** Maximum duration of a fetch in any case. Most of it allows for a busy machine. */
    private static final Duration ANSWER = EXPIRY.plusSeconds(10);

    private static final Duration RESUMPTION = Duration.ofSeconds(5);
    private static final int MESSAGES = 300;

    private NatsCluster cluster;
    private TestPulls test;
    private String leader;

    @BeforeEach
    void start() {
        cluster = NatsCluster.started();
        try (TestPulls any = new TestPulls(cluster)) {
            await().atMost(TIMEOUT).ignoreExceptions().until(() -> led(any));
            leader = leaderOf(any);
        }
        String others = cluster.serversBut(leader).stream().map(NatsServer::url).collect(Collectors.joining(","));
        test = new TestPulls(others, Map.of());
    }

    @AfterEach
    void stop() {
        test.close();
        cluster.close();
    }

    @Test
    void aFetchThatWaitsIsUnavailableWhenTheLeaderStepsDown() {
        AssertSubscriber<List<Delivery>> fetch = fetch(new FetchRequest(10, 1 << 20, TIMEOUT, true));
        await().atMost(TIMEOUT).until(() -> test.info().getNumWaiting() == 1);

        stepDown();

        fetch.awaitFailure(ANSWER);
        assertThat(((SluiceException) fetch.getFailure()).failure()).isEqualTo(Failure.UNAVAILABLE);
    }

    /** Deliveries that were in flight at the kill are redelivered after the ack wait. */
    @Test
    void noFetchIsEmptyWhileMessagesWaitAlthoughTheLeaderIsKilled() throws Exception {
        test.publish(MESSAGES);

        Set<Long> seen = new HashSet<>();
        boolean killed = false;
        while (seen.size() < MESSAGES) {
            boolean waiting = pending() > 0;
            CompletableFuture<List<Delivery>> fetch = test.pulls
                    .fetchWhole(TestPulls.REF, new FetchRequest(20, 1 << 20, EXPIRY, true))
                    .subscribeAsCompletionStage();
            if (!killed && seen.size() >= MESSAGES / 3) {
                cluster.server(leader).kill();
                killed = true;
            }
            List<Delivery> fetched = answer(fetch, waiting);
            fetched.forEach(Delivery::ack);
            fetched.forEach(delivery -> seen.add(delivery.streamSequence()));
        }
    }

    /** Returns the fetched messages, or none if the fetch failed because there is no leader. */
    private static List<Delivery> answer(CompletableFuture<List<Delivery>> fetch, boolean messagesWait)
            throws Exception {
        try {
            List<Delivery> fetched = fetch.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
            assertThat(fetched.isEmpty() && messagesWait).isFalse();
            return fetched;
        } catch (ExecutionException failed) {
            assertThat(failed.getCause())
                    .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                            .isEqualTo(Failure.UNAVAILABLE));
            return List.of();
        }
    }

    /** Retries until a leader responds. */
    private long pending() {
        AtomicLong pending = new AtomicLong();
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            pending.set(test.info().getNumPending());
            return true;
        });
        return pending.get();
    }

    @Test
    void aSubscriptionContinuesSoonAfterAnotherLeads() {
        AssertSubscriber<Delivery> subscriber = test.subscribe(TestPulls.REF, Long.MAX_VALUE);
        await().atMost(TIMEOUT).until(() -> test.info().getNumWaiting() > 0);

        cluster.server(leader).kill();
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            String now = leaderOf(test);
            return now != null && !now.equals(leader);
        });
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            test.side.jetStream().publish("work.item", "one".getBytes(StandardCharsets.UTF_8));
            return true;
        });

        subscriber.awaitItems(1, RESUMPTION);
        subscriber.cancel();
    }

    private AssertSubscriber<List<Delivery>> fetch(FetchRequest request) {
        return test.pulls
                .fetch(TestPulls.REF, request)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));
    }

    /** Does not wait for a response: the server reports the change to pulls before it responds, or does not respond. */
    private void stepDown() {
        test.side.publish(
                "$JS.API.CONSUMER.LEADER.STEPDOWN." + TestPulls.STREAM + "." + TestPulls.REF.consumer(), null);
    }

    private static boolean led(TestPulls any) {
        any.manage(it -> it.addStream(StreamConfiguration.builder()
                .name(TestPulls.STREAM)
                .subjects("work.>")
                .storageType(StorageType.File)
                .replicas(3)
                .build()));
        any.declare(ConsumerConfiguration.builder(any.durable().toConfiguration())
                .ackWait(Duration.ofSeconds(2))
                .build());
        return leaderOf(any) != null;
    }

    private static String leaderOf(TestPulls any) {
        return any.info().getClusterInfo().getLeader();
    }
}
