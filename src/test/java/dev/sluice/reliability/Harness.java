package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.reliability.FaultLog.Fault;
import dev.sluice.reliability.FaultLog.Scope;
import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.TcpBalancer;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TestConnections;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Options;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jboss.logging.Logger;

/**
 * One scenario: real servers, the packaged service, clients that keep a ledger, and faults. One seed,
 * {@code -Dreliability.seed}, determines all faults. A failure prints the seed, the faults and the differences.
 */
final class Harness implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Harness.class);
    static final String STREAM = "LOAD";
    static final String CONSUMER = "worker";
    /** The subjects of the loads. */
    static final String LOADED = "load.m.>";

    static final Duration ACK_WAIT = Duration.ofSeconds(10);

    /** Factor for time limits of an idle machine. The default of 2 is for a shared machine. */
    private static final double SLACK = Double.parseDouble(System.getProperty("reliability.slack", "2"));

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration DRAIN = Duration.ofSeconds(90);
    private static final Duration RESENT = Duration.ofSeconds(2);
    /** An election may take longer than the deadline of a publish. */
    private static final Duration RESENT_TO_A_CLUSTER = Duration.ofSeconds(3);

    /** Publishes that are refused before a dead server is started again, so that a false 202 among them would be seen. */
    private static final int REFUSED = 20;

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final String SECRET = "a secret of thirty-two bytes or more";

    private final String name;
    private final long seed;
    private final Random random;
    private final NatsCluster cluster;
    private final NatsServer server;
    private final TcpProxy way;
    private final Connection connection;
    private final List<PackagedService> instances = new ArrayList<>();
    private final TcpBalancer balancer;
    private final FaultLog faults;
    private final Ledger ledger;
    private final List<Load> loads = new ArrayList<>();
    private final List<String> measured = new ArrayList<>();
    private final Percentiles recovery = new Percentiles();
    private final Path folder;
    private boolean finished;

    private Harness(Builder builder) {
        name = builder.name;
        seed = Long.getLong("reliability.seed", System.nanoTime() & 0xffffff);
        random = new Random(seed);
        LOG.infof("%s: -Dreliability.seed=%d", name, seed);
        folder = Path.of("target", "reliability", name);
        emptyFolder(folder);
        if (builder.clustered) {
            cluster = NatsCluster.behindProxies(builder.configuration);
            server = null;
            way = null;
            connection = cluster.connection();
        } else {
            cluster = null;
            int front = FreePorts.next();
            String configuration = "client_advertise: \"127.0.0.1:" + front + "\"\n" + builder.configuration;
            server = builder.diskBytes == 0
                    ? NatsServer.started(configuration)
                    : NatsServer.startedOnDisk(builder.diskBytes, configuration);
            way = TcpProxy.to(server.port(), front);
            connection = connect(server.url());
        }
        createStream();
        Map<String, String> environment = environment(builder);
        for (int i = 0; i < builder.instances; i++) {
            instances.add(
                    new PackagedService(PackagedService.jar(), folder.resolve("sluice-" + i + ".log"), environment));
        }
        instances.forEach(PackagedService::awaitReady);
        balancer = new TcpBalancer(instances);
        Awaitility.await().atMost(TIMEOUT).until(() -> balancer.ready().size() == instances.size());
        faults = new FaultLog(GRACE);
        ledger = new Ledger(
                faults,
                new Ledger.Bounds(
                        slack(Duration.ofSeconds(6)),
                        slack(Duration.ofSeconds(5)),
                        ACK_WAIT,
                        slack(builder.clustered ? RESENT_TO_A_CLUSTER : RESENT)));
    }

    static Builder named(String name) {
        return new Builder(name);
    }

    static final class Builder {
        private final String name;
        private final Map<String, String> environment = new HashMap<>();
        private String configuration = "";
        private boolean clustered;
        private long diskBytes;
        private int instances = 1;

        private Builder(String name) {
            this.name = name;
        }

        /** Uses three servers and R3 streams in place of one server. */
        Builder clustered() {
            clustered = true;
            return this;
        }

        Builder instances(int count) {
            instances = count;
            return this;
        }

        /** Lets the single server store on a disk of this size, which {@link NatsServer#fillDisk} fills. */
        Builder disk(long bytes) {
            diskBytes = bytes;
            return this;
        }

        /** Adds {@code lines} to the configuration of nats-server. */
        Builder servers(String lines) {
            configuration = lines;
            return this;
        }

        Builder with(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        Harness start() {
            return new Harness(this);
        }
    }

    // Components

    Random random() {
        return random;
    }

    NatsCluster cluster() {
        return cluster;
    }

    NatsServer server() {
        return server;
    }

    /** Returns the proxies between the instances and NATS: one for a single server, or one for each server. */
    List<TcpProxy> ways() {
        return cluster == null ? List.of(way) : cluster.ways();
    }

    Connection connection() {
        return connection;
    }

    PackagedService instance(int index) {
        return instances.get(index);
    }

    List<PackagedService> instances() {
        return List.copyOf(instances);
    }

    TcpBalancer balancer() {
        return balancer;
    }

    /** Returns the port that clients connect to. */
    int port() {
        return balancer.port();
    }

    Ledger ledger() {
        return ledger;
    }

    FaultLog faults() {
        return faults;
    }

    static Duration slack(Duration idle) {
        return Duration.ofNanos((long) (idle.toNanos() * SLACK));
    }

    // Loads

    Harness load(Load load) {
        loads.add(load);
        load.start();
        return this;
    }

    /** Starts stored publishes and bulk publishes over both HTTP versions, core publishes, tails and workers. */
    Harness usualLoads() {
        load(new TailLoad(ledger, "tail-0", port(), "load.>"));
        load(new TailLoad(ledger, "tail-1", port(), "load.>"));
        load(new FetchLoad(ledger, "w1", port(), HttpVersion.HTTP_1_1, STREAM, CONSUMER, 100));
        load(new FetchLoad(ledger, "w2", port(), HttpVersion.HTTP_2, STREAM, CONSUMER, 100));
        load(new PublishLoad(ledger, port(), HttpVersion.HTTP_1_1, 60, 200));
        load(new PublishLoad(ledger, port(), HttpVersion.HTTP_2, 40, 200));
        load(new BulkLoad(ledger, port(), HttpVersion.HTTP_1_1, 2, 25));
        load(new BulkLoad(ledger, port(), HttpVersion.HTTP_2, 2, 25));
        return load(new CoreLoad(ledger, port(), connection, 20));
    }

    Harness orders(double perSecond) {
        return load(new OrderLoad(ledger, port(), perSecond));
    }

    /** Waits until {@code more} further publishes are acknowledged. */
    void acknowledged(long more) {
        long target = ledger.acknowledged() + more;
        Awaitility.await(more + " more acknowledged publishes")
                .atMost(TIMEOUT)
                .until(() -> ledger.acknowledged() >= target);
    }

    /** Waits for the duration of a fault. */
    static void lasting(Duration duration) {
        new CompletableFuture<Void>()
                .completeOnTimeout(null, duration.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    // Faults

    /**
     * Runs {@code begin}, which breaks something, and {@code end}, which repairs it. From {@code begin} until shortly
     * after recovery, differences that the fault explains are excused.
     *
     * @param limit the maximum time to recovery after {@code end}, on an idle machine
     */
    void fault(Scope scope, String what, Runnable begin, Runnable end, Duration limit) {
        Fault fault = faults.begin(scope, what);
        begin.run();
        end.run();
        long repaired = faults.now();
        recovered(what, repaired, limit);
        fault.end();
    }

    /**
     * Kills the only server, starts it again when the only instance has refused some publishes, and waits for recovery.
     */
    void killServer(Duration limit) {
        fault(
                Scope.NATS,
                "the server is killed",
                () -> {
                    server.kill();
                    ledger.serverDied();
                    Awaitility.await("publishes that are refused without a server")
                            .atMost(TIMEOUT)
                            .pollInterval(Duration.ofMillis(10))
                            .until(() -> ledger.refusedSinceDeath() >= REFUSED);
                },
                () -> {
                    ledger.serverStarts();
                    server.start();
                },
                limit);
    }

    /** Waits until publishes are acknowledged again and records the time since {@code repaired}. */
    void recovered(String what, long repaired, Duration limit) {
        acknowledged(5);
        long took = ledger.lastAcknowledged() - repaired;
        recovery.add(took);
        if (took > slack(limit).toNanos()) {
            ledger.found(
                    Rule.SLOW_RECOVERY, what + ": first acknowledged " + FaultLog.seconds(took) + " after its end");
        }
    }

    // Completion

    /**
     * Stops the producers, waits until the other loads have processed all stored messages, stops these, and compares.
     */
    void finish() {
        finish(ledger -> {});
    }

    /** Like {@link #finish()}, but calls {@code idle} when everything is idle and the readers are still connected. */
    void finish(Inspection idle) {
        finish(idle, ledger -> {});
    }

    /** Like {@link #finish(Inspection)}, but calls {@code left} after the readers have left. */
    void finish(Inspection idle, Inspection left) {
        finished = true;
        loads.stream().filter(Load::produces).forEach(Load::stop);
        boolean workers = loads.stream().anyMatch(FetchLoad.class::isInstance);
        quiet("the tails", () -> {
            long last = lastSequence();
            return ledger.tails().stream().allMatch(tail -> tail.last() >= last);
        });
        if (workers) {
            quiet("the workers", () -> {
                ConsumerInfo info = connection.jetStreamManagement().getConsumerInfo(STREAM, CONSUMER);
                return info.getNumPending() == 0 && info.getNumAckPending() == 0 && ledger.acknowledgedAndUnseen() == 0;
            });
        }
        List<OrderLoad> orders = loads.stream()
                .filter(OrderLoad.class::isInstance)
                .map(OrderLoad.class::cast)
                .toList();
        try (Caller asking = Caller.http1(port(), 2)) {
            orders.forEach(load -> quiet("the orders", () -> load.open(asking) == 0));
        }
        orders.forEach(OrderLoad::compare);
        idle.inspect(ledger);
        loads.stream().filter(load -> !load.produces()).forEach(Load::stop);
        left.inspect(ledger);
        ledger.compare(stored(), workers);
        report();
    }

    private void report() {
        String result = summary();
        write(folder.resolve("result.txt"), result);
        LOG.info(result);
        assertThat(ledger.differences()).as(result).isEmpty();
    }

    /** Adds a line of measurements to the result. */
    void measured(String what, Object figures) {
        measured.add(what + ": " + figures + "\n");
    }

    String summary() {
        Map<Rule, Integer> broken = ledger.broken();
        return name + ", seed " + seed + "\n" + String.join("", measured)
                + "Acknowledged " + ledger.acknowledged() + " in " + FaultLog.seconds(faults.now()) + ", "
                + ledger.publishing() + "; answers " + ledger.answers() + "; " + faults.count() + " faults, recovery "
                + (recovery.count() == 0 ? "-" : recovery) + "\n"
                + loads.stream().map(Object::toString).collect(Collectors.joining("\n")) + "\n"
                + "Faults:\n" + faults + "\n"
                + "Differences: " + (broken.isEmpty() ? "none" : broken) + "\n"
                + ledger.differences().stream().map(Difference::toString).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        if (!finished) {
            loads.forEach(Harness::stopQuietly);
            LOG.infof("Not finished: %s", summary());
        }
        balancer.close();
        instances.forEach(PackagedService::close);
        if (cluster == null) {
            close(connection);
            way.close();
            server.close();
        } else {
            cluster.close();
        }
    }

    /** An inspection of the instances and of NATS at the end of a scenario. */
    interface Inspection {
        void inspect(Ledger ledger);
    }

    private static void stopQuietly(Load load) {
        try {
            load.stop();
        } catch (RuntimeException | AssertionError alreadyFailing) {
            LOG.infof("%s does not stop: %s", load, alreadyFailing.getMessage());
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for {@code condition}, but does not fail on timeout: the comparison reports more details. */
    static void quiet(String what, Condition condition) {
        try {
            Awaitility.await(what).atMost(DRAIN).ignoreExceptions().until(condition::holds);
        } catch (ConditionTimeoutException late) {
            LOG.infof("Not at rest after %s: %s", DRAIN, what);
        }
    }

    private long lastSequence() throws IOException, JetStreamApiException {
        return connection
                .jetStreamManagement()
                .getStreamInfo(STREAM)
                .getStreamState()
                .getLastSequence();
    }

    private void createStream() {
        int replicas = cluster == null ? 1 : 3;
        Awaitility.await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            JetStreamManagement management = connection.jetStreamManagement();
            management.addStream(StreamConfiguration.builder()
                    .name(STREAM)
                    .subjects("load.>")
                    .storageType(StorageType.File)
                    .replicas(replicas)
                    .allowDirect(true)
                    .build());
            return management.addOrUpdateConsumer(
                            STREAM,
                            ConsumerConfiguration.builder()
                                    .durable(CONSUMER)
                                    .ackPolicy(AckPolicy.Explicit)
                                    .ackWait(ACK_WAIT)
                                    .maxAckPending(5_000)
                                    .build())
                    != null;
        });
        if (cluster != null) {
            cluster.awaitCurrent(STREAM);
        }
    }

    /** Returns the loads' messages by sequence, each reduced to its number. Reads them directly from NATS. */
    NavigableMap<Long, String> stored() {
        TreeMap<Long, String> stored = new TreeMap<>();
        Awaitility.await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            stored.clear();
            read(stored);
            return true;
        });
        return Collections.unmodifiableNavigableMap(stored);
    }

    /** Skips messages that the loads did not publish; clients cannot parse some of them. */
    private void read(Map<Long, String> stored) throws IOException, JetStreamApiException, InterruptedException {
        JetStreamSubscription subscription = connection
                .jetStream()
                .subscribe(
                        LOADED,
                        PushSubscribeOptions.builder().stream(STREAM)
                                .ordered(true)
                                .build());
        try {
            for (long left = subscription.getConsumerInfo().getCalculatedPending(); left > 0; ) {
                Message message = subscription.nextMessage(Duration.ofSeconds(10));
                if (message == null) {
                    throw new IllegalStateException("The stream ends after " + stored.size());
                }
                String text = new String(message.getData(), StandardCharsets.UTF_8);
                stored.put(message.metaData().streamSequence(), text.substring(0, text.indexOf(' ') + 1));
                left = message.metaData().pendingCount();
            }
        } finally {
            subscription.unsubscribe();
        }
    }

    private Map<String, String> environment(Builder builder) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "SLUICE_NATS_SERVERS", cluster == null ? "nats://127.0.0.1:" + way.port() : cluster.urls(),
                "SLUICE_ACCESS_MODE", "open",
                "SLUICE_ACCESS_TOKEN_SECRET", SECRET,
                "SLUICE_ACCESS_LIMITS_REQUESTS_PER_SECOND", "20000",
                "SLUICE_ACCESS_LIMITS_OPEN_REQUESTS", "10000"));
        if (cluster != null) {
            environment.putAll(Map.of(
                    "SLUICE_TOPOLOGY_STREAMS_ORDERS_REPLICAS", "3",
                    "SLUICE_TOPOLOGY_STREAMS_DEAD_LETTERS_REPLICAS", "3",
                    "SLUICE_TOPOLOGY_STREAMS_ORDERS_EXHAUSTED_REPLICAS", "3",
                    "SLUICE_ORDERS_STATUS_REPLICAS", "3",
                    "SLUICE_PRICING_REPLICAS", "3"));
        }
        environment.putAll(builder.environment);
        return environment;
    }

    private static Connection connect(String url) {
        return TestConnections.open(Options.builder()
                .server(url)
                .ignoreDiscoveredServers()
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(20))
                .requestCleanupInterval(Duration.ofSeconds(5)));
    }

    private static void emptyFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            for (int i : IntStream.range(0, 2).toArray()) {
                Files.deleteIfExists(folder.resolve("sluice-" + i + ".log"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }
}
