package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.Options;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jboss.logging.Logger;

/**
 * Three real servers that replicate streams. Each can be killed, restarted, and partitioned from the others: each route
 * between two servers has a proxy. Clients can have one for each server as well.
 */
public final class NatsCluster implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(NatsCluster.class);
    private static final int SIZE = 3;
    /** An election takes up to ten seconds, and the machine may be slow. */
    private static final Duration AGREEMENT = Duration.ofSeconds(60);

    private static final int MAX_STARTS = 3;
    private static final String PROBE = "placement-probe";

    /** A lame duck mode as short as servers permit: at least 30 seconds. */
    private static final String LAME_DUCK = """
            lame_duck_duration: "30s"
            lame_duck_grace_period: "1s"
            """;

    private final List<NatsServer> servers = new ArrayList<>();
    private final List<TcpProxy> ways = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private Connection connection;

    /**
     * Starts servers that use only the configured routes, since each advertises a route address that is unreachable.
     * There is one route between two servers, and its proxy opens after both servers: a server whose route is closed
     * while it starts, because it is a duplicate or its peer is not there yet, may take the peer to be offline until it
     * restarts.
     *
     * @param proxies whether clients use proxies, whose addresses are then the only ones that the servers advertise
     */
    private NatsCluster(String configuration, boolean proxies) {
        List<Integer> ports = freePorts();
        List<Integer> routePorts = freePorts();
        for (int i = 0; i < SIZE; i++) {
            int clients = FreePorts.next();
            NatsServer server = NatsServer.started("""
                    server_name: %s
                    %s
                    cluster { name: test-%d, listen: "127.0.0.1:%d", advertise: "127.0.0.1:1", routes: [ %s ] }
                    %s
                    """.formatted(
                            name(i),
                            proxies ? "client_advertise: \"127.0.0.1:" + clients + '"' : "",
                            ports.get(0),
                            ports.get(i),
                            quoted(routePorts.get(i)),
                            configuration));
            servers.add(server);
            if (proxies) {
                ways.add(TcpProxy.to(server.port(), clients));
            }
        }
        for (int from = 0; from < SIZE; from++) {
            int to = (from + 1) % SIZE;
            routes.add(new Route(from, to, TcpProxy.to(ports.get(to), routePorts.get(from))));
        }
    }

    /** Returns a started cluster, which can replicate streams on all of its servers. */
    public static NatsCluster started() {
        return formed("", false);
    }

    /** Like {@link #started()}, with a proxy in front of each server. */
    public static NatsCluster behindProxies() {
        return behindProxies("");
    }

    /** @param configuration additional lines of nats-server configuration for each server */
    public static NatsCluster behindProxies(String configuration) {
        return formed(LAME_DUCK + configuration, true);
    }

    /**
     * Starts other servers if the first ones do not agree. In CI, seldom, no stream could be placed on three new servers
     * for minutes. The logs of such servers are printed.
     */
    private static NatsCluster formed(String configuration, boolean proxies) {
        for (int start = 1; ; start++) {
            NatsCluster cluster = new NatsCluster(configuration, proxies);
            try {
                return cluster.awaitPlacement();
            } catch (ConditionTimeoutException apart) {
                cluster.printLogs();
                cluster.close();
                if (start == MAX_STARTS) {
                    throw apart;
                }
            }
        }
    }

    /** Returns the URLs of all servers, comma-separated; those of the proxies if there are any. */
    public String urls() {
        return ways.isEmpty()
                ? directUrls()
                : ways.stream().map(way -> "nats://127.0.0.1:" + way.port()).collect(Collectors.joining(","));
    }

    public List<NatsServer> servers() {
        return List.copyOf(servers);
    }

    /** @param name the server name, as reported for the leader of a stream or consumer */
    public NatsServer server(String name) {
        return servers.get(index(name));
    }

    /** Returns the other two servers. */
    public List<NatsServer> serversBut(String name) {
        return servers.stream().filter(server -> server != server(name)).toList();
    }

    public List<String> names() {
        return IntStream.range(0, SIZE).mapToObj(NatsCluster::name).toList();
    }

    /** Returns the proxy between the clients and the server. */
    public TcpProxy way(String name) {
        return ways.get(index(name));
    }

    /** Returns the proxies between the clients and the servers. */
    public List<TcpProxy> ways() {
        return List.copyOf(ways);
    }

    /** Returns the servers with client connections through the proxies, by descending number of connections. */
    public List<String> connected() {
        return names().stream()
                .filter(name -> way(name).living() > 0)
                .sorted((one, other) -> Long.compare(way(other).living(), way(one).living()))
                .toList();
    }

    /**
     * Blocks all traffic between {@code name} and the other two servers until {@link #heal()}. Clients reach all three.
     */
    public void partition(String name) {
        routesOf(name).forEach(route -> route.proxy().hold());
    }

    /** Ends every partition. */
    public void heal() {
        routes.forEach(route -> route.proxy().release());
    }

    /** Returns the test's own connection to any available server, without the proxies. */
    public synchronized Connection connection() {
        if (connection == null) {
            connection = connect(directUrls());
        }
        return connection;
    }

    /** Returns the name of the leader, or an empty string if there is none. */
    public String streamLeader(String stream) {
        return leader(
                () -> connection().jetStreamManagement().getStreamInfo(stream).getClusterInfo());
    }

    /** Returns the name of the leader, or an empty string if there is none. */
    public String consumerLeader(String stream, String consumer) {
        return leader(() -> connection()
                .jetStreamManagement()
                .getConsumerInfo(stream, consumer)
                .getClusterInfo());
    }

    public String awaitStreamLeader(String stream) {
        Awaitility.await().atMost(AGREEMENT).until(() -> !streamLeader(stream).isBlank());
        return streamLeader(stream);
    }

    /** Returns the servers of the stream's followers. */
    public List<String> followers(String stream) {
        String leader = awaitStreamLeader(stream);
        return names().stream().filter(name -> !name.equals(leader)).toList();
    }

    /** Returns whether the request was accepted. Another server becomes the leader shortly after. */
    public boolean stepDownStream(String stream) {
        return api("STREAM.LEADER.STEPDOWN." + stream);
    }

    public boolean stepDownConsumer(String stream, String consumer) {
        return api("CONSUMER.LEADER.STEPDOWN." + stream + "." + consumer);
    }

    /**
     * Creates the stream and waits for its leader. The request is repeated, since the response can take longer than the
     * NATS client waits. A stream is never deleted in between: then a slow cluster would begin again each time.
     */
    public void create(StreamConfiguration configuration) {
        Awaitility.await()
                .atMost(AGREEMENT)
                .ignoreExceptions()
                .until(() -> connection()
                                .jetStreamManagement()
                                .addStream(configuration)
                                .getClusterInfo()
                                .getLeader()
                        != null);
    }

    /** Deletes the stream if it exists. */
    public void delete(String stream) {
        Awaitility.await().atMost(AGREEMENT).ignoreExceptions().until(() -> {
            JetStreamManagement management = connection().jetStreamManagement();
            return !management.getStreamNames().contains(stream) || management.deleteStream(stream);
        });
    }

    /** Lets leaders of the stream step down until {@code name} is the leader. */
    public void lead(String stream, String name) {
        Awaitility.await().atMost(AGREEMENT).until(() -> {
            if (awaitStreamLeader(stream).equals(name)) {
                return true;
            }
            stepDownStream(stream);
            return false;
        });
    }

    /** Waits until a stream with three replicas can be created, which needs a leader that knows all servers. */
    private NatsCluster awaitPlacement() {
        create(StreamConfiguration.builder()
                .name(PROBE)
                .subjects(PROBE)
                .replicas(SIZE)
                .build());
        delete(PROBE);
        return this;
    }

    private void printLogs() {
        servers.forEach(server -> {
            try {
                LOG.warnf("A new cluster places no stream:%n%s", Files.readString(server.log()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Waits until every replica of the stream is there and current. */
    public void awaitCurrent(String stream) {
        Awaitility.await().atMost(AGREEMENT.multipliedBy(2)).ignoreExceptions().until(() -> {
            ClusterInfo info =
                    connection().jetStreamManagement().getStreamInfo(stream).getClusterInfo();
            return info.getLeader() != null
                    && info.getReplicas().size() == SIZE - 1
                    && info.getReplicas().stream().allMatch(replica -> replica.isCurrent() && !replica.isOffline());
        });
    }

    /** Kills all servers first: whatever fails after that leaves no process. */
    @Override
    public void close() {
        servers.forEach(NatsServer::kill);
        if (connection != null) {
            try {
                connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        servers.forEach(NatsServer::close);
        ways.forEach(TcpProxy::close);
        routes.forEach(route -> route.proxy().close());
    }

    private boolean api(String request) {
        try {
            Message answer = connection().request("$JS.API." + request, null, Duration.ofSeconds(5));
            return answer != null && new String(answer.getData(), StandardCharsets.UTF_8).contains("\"success\":true");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IllegalStateException away) {
            return false;
        }
    }

    private String directUrls() {
        return servers.stream().map(NatsServer::url).collect(Collectors.joining(","));
    }

    private List<Route> routesOf(String name) {
        int index = index(name);
        return routes.stream()
                .filter(route -> route.from() == index || route.to() == index)
                .toList();
    }

    private static Connection connect(String urls) {
        return TestConnections.open(Options.builder()
                .servers(urls.split(","))
                .ignoreDiscoveredServers()
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(50))
                .pingInterval(Duration.ofSeconds(2))
                .maxPingsOut(2)
                .connectionTimeout(Duration.ofSeconds(2))
                .requestCleanupInterval(Duration.ofSeconds(5)));
    }

    private static String leader(Question question) {
        try {
            return Optional.ofNullable(question.ask())
                    .map(ClusterInfo::getLeader)
                    .orElse("");
        } catch (IOException | JetStreamApiException | IllegalStateException away) {
            return "";
        }
    }

    private static List<Integer> freePorts() {
        return IntStream.range(0, SIZE).map(i -> FreePorts.next()).boxed().toList();
    }

    private static String quoted(int port) {
        return "\"nats://127.0.0.1:" + port + "\"";
    }

    private static String name(int index) {
        return "n" + index;
    }

    private static int index(String name) {
        return IntStream.range(0, SIZE)
                .filter(i -> name(i).equals(name))
                .findFirst()
                .orElseThrow();
    }

    private record Route(int from, int to, TcpProxy proxy) {}

    private interface Question {
        ClusterInfo ask() throws IOException, JetStreamApiException;
    }
}
