package dev.sluice.bench;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.MessageConsumer;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.subscription.Cancellable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Compares pulling and acking every message with Sluice's {@code Multi} and with jnats' {@code consume()}, in
 * alternating rounds on the same connection, server, stream and batch size, for the ack policies Explicit and All.
 * Prints messages per second, and bytes allocated and CPU time per message, as medians of the rounds. On a busy machine
 * the last two are more reliable. Run manually with {@code -Dnats.server=PATH}; the only argument is the number of
 * rounds.
 */
public final class PullBenchmark {
    private static final String STREAM = "BENCH";
    private static final int MESSAGES = 200_000;
    private static final int SIZE = 128;
    private static final int BATCH = 512;

    private final Connection connection;
    private final PullSubscriptions pulls;
    private final JetStreamManagement management;
    private int consumers;

    private PullBenchmark(NatsLinks links) throws IOException {
        connection = links.consuming().connection();
        management = connection.jetStreamManagement();
        PullConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(PullConfig.class)
                .build()
                .getConfigMapping(PullConfig.class);
        pulls = new PullSubscriptions(links, new JetStreamApis(links, config), config);
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        try (NatsServer server = NatsServer.started();
                NatsLinks links = TestLinks.to(server)) {
            Awaitility.await().until(links.consuming()::up);
            PullBenchmark benchmark = new PullBenchmark(links);
            benchmark.fill();
            for (AckPolicy policy : List.of(AckPolicy.Explicit, AckPolicy.All)) {
                System.out.printf("ack policy %s%n", policy);
                new Comparison(
                                "consume()+ack",
                                () -> benchmark.measure(policy, benchmark::consume),
                                "pull Multi+ack",
                                () -> benchmark.measure(policy, benchmark::pull))
                        .run(rounds);
            }
            benchmark.pulls.close();
        }
    }

    private void fill() throws IOException, JetStreamApiException {
        management.addStream(StreamConfiguration.builder()
                .name(STREAM)
                .subjects("bench.>")
                .storageType(StorageType.Memory)
                .build());
        List<CompletableFuture<PublishAck>> acks = new ArrayList<>();
        byte[] payload = new byte[SIZE];
        for (int i = 0; i < MESSAGES; i++) {
            acks.add(connection.jetStream().publishAsync("bench.item", payload));
            if (acks.size() == 1000) {
                acks.forEach(CompletableFuture::join);
                acks.clear();
            }
        }
        acks.forEach(CompletableFuture::join);
    }

    private Figures measure(AckPolicy policy, Side side) throws Exception {
        String consumer = "c" + consumers++;
        management.addOrUpdateConsumer(
                STREAM,
                ConsumerConfiguration.builder()
                        .durable(consumer)
                        .ackPolicy(policy)
                        .maxAckPending(10_000)
                        .memStorage(true)
                        .build());
        System.gc();
        Usage before = Usage.now();
        CountDownLatch all = new CountDownLatch(MESSAGES);
        AutoCloseable running = side.run(consumer, all);
        if (!all.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException(all.getCount() + " messages were not received");
        }
        connection.flush(Duration.ofSeconds(10));
        Figures figures = before.perMessage(MESSAGES);
        running.close();
        management.deleteConsumer(STREAM, consumer);
        return figures;
    }

    private AutoCloseable consume(String consumer, CountDownLatch all) throws IOException, JetStreamApiException {
        MessageConsumer running = connection
                .getStreamContext(STREAM)
                .getConsumerContext(consumer)
                .consume(ConsumeOptions.builder().batchSize(BATCH).build(), message -> {
                    message.ack();
                    all.countDown();
                });
        return running;
    }

    private AutoCloseable pull(String consumer, CountDownLatch all) {
        Cancellable running = pulls.pull(
                        new ConsumerRef(STREAM, consumer), pulls.options().withPrefetch(BATCH, 8 << 20))
                .subscribe()
                .with(delivery -> {
                    delivery.ack();
                    all.countDown();
                });
        return running::cancel;
    }

    private interface Side {
        AutoCloseable run(String consumer, CountDownLatch all) throws IOException, JetStreamApiException;
    }
}
