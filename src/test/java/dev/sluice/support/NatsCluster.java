package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.Options;
import io.nats.client.api.ClusterInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Three real servers that replicate streams between them; each can be killed and started again. Behind proxies, each is
 * reached through one of its own, and so is each server by each other one, so that one can be parted from the rest.
 */
public final class NatsCluster implements AutoCloseable {
    private static final int SIZE = 3;
    /** Elections take up to ten seconds, and a machine may be slow. */
    private static final Duration AGREEMENT = Duration.ofSeconds(60);

    private final List<NatsServer> servers = new ArrayList<>();
    private final List<TcpProxy> ways = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private Connection connection;

    private NatsCluster() {
        List<Integer> ports = freePorts();
        String all = ports.stream().map(NatsCluster::quoted).collect(Collectors.joining(", "));
        for (int i = 0; i < SIZE; i++) {
            servers.add(NatsServer.started("""
                    server_name: %s
                    cluster { name: test, listen: "127.0.0.1:%d", routes: [ %s ] }
                    """.formatted(name(i), ports.get(i), all)));
        }
    }

    /**
     * Servers that tell each other and their clients no address but those of proxies. The address that they gossip for
     * routes leads nowhere: only the configured routes are made.
     */
    private NatsCluster(String configuration) {
        List<Integer> ports = freePorts();
        for (int from = 0; from < SIZE; from++) {
            for (int to = 0; to < SIZE; to++) {
                if (from != to) {
                    routes.add(new Route(from, to, TcpProxy.to(ports.get(to))));
                }
            }
        }
        for (int i = 0; i < SIZE; i++) {
            int here = i;
            String others = routes.stream()
                    .filter(route -> route.from() == here)
                    .map(route -> quoted(route.proxy().port()))
                    .collect(Collectors.joining(", "));
            int clients = NatsServer.freePort();
            NatsServer server =
                    NatsServer.started("""
                    server_name: %s
                    client_advertise: "127.0.0.1:%d"
                    lame_duck_duration: "30s"
                    lame_duck_grace_period: "1s"
                    cluster { name: test, listen: "127.0.0.1:%d", advertise: "127.0.0.1:1", routes: [ %s ] }
                    %s
                    """.formatted(name(i), clients, ports.get(i), others, configuration));
            servers.add(server);
            ways.add(TcpProxy.to(server.port(), clients));
        }
    }

    /** Started; the servers need a moment more to agree on who leads. */
    public static NatsCluster started() {
        return new NatsCluster();
    }

    /** As {@link #started()}, with a proxy in front of each server and on each route between two. */
    public static NatsCluster behindProxies() {
        return new NatsCluster("");
    }

    /** @param configuration lines in nats-server's own format, for each server */
    public static NatsCluster behindProxies(String configuration) {
        return new NatsCluster(configuration);
    }

    /** Of all servers, comma-separated; through the proxies if there are any. */
    public String urls() {
        return ways.isEmpty()
                ? directUrls()
                : ways.stream().map(way -> "nats://127.0.0.1:" + way.port()).collect(Collectors.joining(","));
    }

    public List<NatsServer> servers() {
        return List.copyOf(servers);
    }

    /** @param name as the leader of a stream or consumer is called */
    public NatsServer server(String name) {
        return servers.get(index(name));
    }

    /** The other two. */
    public List<NatsServer> serversBut(String name) {
        return servers.stream().filter(server -> server != server(name)).toList();
    }

    public List<String> names() {
        return IntStream.range(0, SIZE).mapToObj(NatsCluster::name).toList();
    }

    /** What lies between the clients and that server. */
    public TcpProxy way(String name) {
        return ways.get(index(name));
    }

    /** What lies between the clients and each of the servers. */
    public List<TcpProxy> ways() {
        return List.copyOf(ways);
    }

    /** The servers that clients are connected to through the proxies, the one with the most first. */
    public List<String> connected() {
        return names().stream()
                .filter(name -> way(name).living() > 0)
                .sorted((one, other) -> Long.compare(way(other).living(), way(one).living()))
                .toList();
    }

    /** Nothing passes between {@code name} and the other two until {@link #heal()}; clients reach all three. */
    public void partition(String name) {
        routesOf(name).forEach(route -> route.proxy().hold());
    }

    /** Ends every partition. */
    public void heal() {
        routes.forEach(route -> route.proxy().release());
    }

    /** A connection beside the service, to whichever server is there, past the proxies. */
    public synchronized Connection connection() {
        if (connection == null) {
            connection = connect(directUrls());
        }
        return connection;
    }

    /** Blank while there is none. */
    public String streamLeader(String stream) {
        return leader(
                () -> connection().jetStreamManagement().getStreamInfo(stream).getClusterInfo());
    }

    /** Blank while there is none. */
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

    /** Servers on which the stream's followers are. */
    public List<String> followers(String stream) {
        String leader = awaitStreamLeader(stream);
        return names().stream().filter(name -> !name.equals(leader)).toList();
    }

    /** Whether it was accepted; another server leads a moment later. */
    public boolean stepDownStream(String stream) {
        return api("STREAM.LEADER.STEPDOWN." + stream);
    }

    public boolean stepDownConsumer(String stream, String consumer) {
        return api("CONSUMER.LEADER.STEPDOWN." + stream + "." + consumer);
    }

    /** Waits until JetStream answers on the whole cluster: all three servers see a leader and each other. */
    public NatsCluster awaitJetStream() {
        Awaitility.await().atMost(AGREEMENT).ignoreExceptions().until(() -> {
            connection().jetStreamManagement().getAccountStatistics();
            return true;
        });
        return this;
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

    @Override
    public void close() {
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
        return IntStream.range(0, SIZE).map(i -> NatsServer.freePort()).boxed().toList();
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
