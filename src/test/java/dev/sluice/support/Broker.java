package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.Options;
import java.time.Duration;

/**
 * Shared brokers for delivery tests: one server, and a cluster whose streams and consumers have three replicas. A class
 * with {@code @ParameterizedClass} and {@code @EnumSource(Broker.class)} runs its tests on both.
 *
 * <p>Each broker starts on first use and is shared by all classes until the JVM ends. A test therefore deletes the
 * streams that it uses and never kills or freezes a server. A test that has to do so starts its own servers.
 */
public enum Broker {
    ONE_SERVER(1) {
        @Override
        public String urls() {
            return SharedServer.SERVER.url();
        }
    },
    CLUSTER(3) {
        @Override
        public String urls() {
            return SharedCluster.CLUSTER.urls();
        }
    };

    /** An election takes up to ten seconds, and the machine may be slow. */
    public static final Duration AGREEMENT = Duration.ofSeconds(60);

    private final int replicas;
    private Connection connection;

    Broker(int replicas) {
        this.replicas = replicas;
    }

    /** Returns the URLs of all servers, comma-separated. JetStream is available. */
    public abstract String urls();

    /** Returns the number of replicas of a stream. */
    public int replicas() {
        return replicas;
    }

    /** Returns a connection for the test itself, open until the JVM ends. */
    public synchronized Connection connection() {
        if (connection == null) {
            connection = connect(urls());
        }
        return connection;
    }

    /** Deletes all streams, and so all buckets, of earlier tests. */
    public void empty() {
        ManagementCall.make(connection(), management -> {
            for (String stream : management.getStreamNames()) {
                management.deleteStream(stream);
            }
            return null;
        });
    }

    private static Connection connect(String urls) {
        return TestConnections.open(
                Options.builder().servers(urls.split(",")).connectionTimeout(Duration.ofSeconds(10)));
    }

    private static final class SharedServer {
        static final NatsServer SERVER = NatsServer.started();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
        }
    }

    private static final class SharedCluster {
        static final NatsCluster CLUSTER = NatsCluster.started();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(CLUSTER::close));
        }
    }
}
