package dev.sluice.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.publish.Checkpoint;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.StreamIngest;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.Nats;
import io.nats.client.PublishOptions;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.smallrye.mutiny.Multi;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Compares stored publishes with jnats' {@code publishAsync}: same server, window and payload, a message ID on each
 * message. Also measures fast-ingest batches if the server supports them. Prints messages per second (median of the
 * rounds), bytes allocated and CPU time per message, by all threads of this process and by the server, and the ratio to
 * the faster of the two jnats sides.
 *
 * <p>Run {@link #main} with the test class path. {@code -Dnats.server=PATH} selects the server. The arguments are
 * window (256), messages per round (40000), rounds (5) and storage (Memory).
 */
public final class StoredPublishBenchmark {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final byte[] PAYLOAD = new byte[128];
    private static final String SUBJECT = "bench.stored";

    private final int window;
    private final int messages;
    private long ids;

    private StoredPublishBenchmark(int window, int messages) {
        this.window = window;
        this.messages = messages;
    }

    public static void main(String[] args) throws Exception {
        int window = args.length > 0 ? Integer.parseInt(args[0]) : 256;
        int messages = args.length > 1 ? Integer.parseInt(args[1]) : 40_000;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
        StorageType storage = args.length > 3 ? StorageType.valueOf(args[3]) : StorageType.Memory;
        Map<String, String> keys = Map.of("stream-window", Integer.toString(window));
        StoredPublishBenchmark benchmark = new StoredPublishBenchmark(window, messages);
        try (NatsServer server = NatsServer.started();
                NatsLinks links = TestLinks.to(server);
                StoredPublisher publisher = TestPublishing.publisher(links.publishing(), keys);
                Connection usual = Nats.connect(server.url())) {
            usual.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("BENCH")
                            .subjects("bench.>")
                            .storageType(storage)
                            .build());
            boolean batches = usual.jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("LOAD")
                            .subjects("load.>")
                            .storageType(storage)
                            .allowBatched()
                            .build())
                    .getConfiguration()
                    .getAllowBatched();
            Awaitility.await().until(publisher::reachable);
            StreamIngest ingests = TestPublishing.ingests(links.publishing(), keys, publisher);
            JetStream untuned = usual.jetStream();
            JetStream tuned = links.publishing().connection().jetStream();
            Map<String, Side> sides = new LinkedHashMap<>();
            sides.put("jnats publishAsync, default options", () -> benchmark.jnats(untuned));
            sides.put("jnats publishAsync, Sluice's options", () -> benchmark.jnats(tuned));
            sides.put("Sluice StoredPublisher", () -> benchmark.sluice(publisher));
            if (batches) {
                sides.put("Sluice StreamIngest, fast batches", () -> benchmark.load(ingests));
            }
            System.out.printf(
                    "nats-server %s, %s storage, window %d, %d x %d messages of %d bytes%n",
                    usual.getServerInfo().getVersion(), storage, window, rounds, messages, PAYLOAD.length);
            benchmark.report(sides, rounds);
        }
    }

    private void report(Map<String, Side> sides, int rounds) throws Exception {
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        Map<String, Double> allocated = new LinkedHashMap<>();
        Map<String, Double> busy = new LinkedHashMap<>();
        Map<String, Double> serverBusy = new LinkedHashMap<>();
        for (int round = -6; round < rounds; round++) {
            for (Map.Entry<String, Side> side : sides.entrySet()) {
                long bytes = allocatedBytes();
                long cpu = PROCESS.getProcessCpuTime();
                long serverCpu = serverCpuTime();
                double rate = side.getValue().run();
                if (round >= 0) {
                    rates.computeIfAbsent(side.getKey(), name -> new ArrayList<>())
                            .add(rate);
                    busy.merge(side.getKey(), (double) (PROCESS.getProcessCpuTime() - cpu), Double::sum);
                    serverBusy.merge(side.getKey(), (double) (serverCpuTime() - serverCpu), Double::sum);
                    allocated.merge(side.getKey(), (double) (allocatedBytes() - bytes), Double::sum);
                }
            }
        }
        double best = 0;
        for (Map.Entry<String, List<Double>> side : rates.entrySet()) {
            double[] sorted = side.getValue().stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            double median = sorted[sorted.length / 2];
            boolean jnats = side.getKey().startsWith("jnats");
            best = jnats ? Math.max(best, median) : best;
            System.out.printf(
                    "%-38s %9.0f msg/s %7.0f B/msg %5.1f us CPU/msg (server %.1f)  %s%n",
                    side.getKey(),
                    median,
                    allocated.get(side.getKey()) / rounds / messages,
                    busy.get(side.getKey()) / rounds / messages / 1000,
                    serverBusy.get(side.getKey()) / rounds / messages / 1000,
                    jnats ? "" : "%.2f times the faster jnats".formatted(median / best));
            System.out.println("    rounds: "
                    + Arrays.toString(
                            Arrays.stream(sorted).mapToLong(Math::round).toArray()));
        }
    }

    private double jnats(JetStream stream) throws InterruptedException {
        Semaphore room = new Semaphore(window);
        long start = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            room.acquire();
            PublishOptions options =
                    PublishOptions.builder().messageId("jnats-" + ids++).build();
            CompletableFuture<PublishAck> ack = stream.publishAsync(SUBJECT, PAYLOAD, options);
            ack.whenComplete((stored, failure) -> room.release());
        }
        room.acquire(window);
        return rate(start);
    }

    private double sluice(StoredPublisher publisher) {
        OutboundMessage message = new OutboundMessage(new Subject(SUBJECT), Map.of(), PAYLOAD);
        long start = System.nanoTime();
        long receipts = publisher
                .publish(Multi.createFrom().range(0, messages).map(i -> message))
                .collect()
                .with(Collectors.counting())
                .await()
                .atMost(Duration.ofSeconds(30));
        if (receipts != messages) {
            throw new IllegalStateException(receipts + " receipts");
        }
        return rate(start);
    }

    private double load(StreamIngest ingests) {
        OutboundMessage message = new OutboundMessage(new Subject("load.stored"), Map.of(), PAYLOAD);
        long start = System.nanoTime();
        Checkpoint last = ingests.ingest(
                        "LOAD", Multi.createFrom().range(0, messages).map(i -> message))
                .collect()
                .last()
                .await()
                .atMost(Duration.ofSeconds(30));
        if (last.messages() != messages) {
            throw new IllegalStateException(last.toString());
        }
        return rate(start);
    }

    private double rate(long start) {
        return messages * 1e9 / (System.nanoTime() - start);
    }

    private static long allocatedBytes() {
        return Arrays.stream(THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static long serverCpuTime() {
        return ProcessHandle.current()
                .children()
                .flatMap(child -> child.info().totalCpuDuration().stream())
                .mapToLong(Duration::toNanos)
                .sum();
    }

    private interface Side {
        double run() throws Exception;
    }
}
