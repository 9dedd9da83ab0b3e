package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * Where rules about deliveries are tried: on one server, and on a cluster whose streams and consumers have three
 * replicas. A class with {@code @ParameterizedClass} and {@code @EnumSource(Broker.class)} tries its rules on both.
 *
 * <p>Each is started at its first use and shared by all classes of the JVM until that ends, so a test empties what it
 * uses, and none kills or freezes a server: a test that does starts servers of its own.
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

    /** Servers take up to ten seconds to choose a leader, and a machine may be slow. */
    public static final Duration AGREEMENT = Duration.ofSeconds(60);

    private final int replicas;
    private Connection connection;

    Broker(int replicas) {
        this.replicas = replicas;
    }

    /** Of all its servers, comma-separated; JetStream answers there. */
    public abstract String urls();

    /** How many replicas a stream has there. */
    public int replicas() {
        return replicas;
    }

    /** A connection beside the one that is tried, until the JVM ends. */
    public synchronized Connection connection() {
        if (connection == null) {
            connection = connect(urls());
        }
        return connection;
    }

    /** Deletes all streams, and with them all buckets, that earlier tests have left. */
    public void empty() {
        try {
            JetStreamManagement management = connection().jetStreamManagement();
            for (String stream : management.getStreamNames()) {
                management.deleteStream(stream);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JetStreamApiException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Connection connect(String urls) {
        return TestConnections.open(
                Options.builder().servers(urls.split(",")).connectionTimeout(Duration.ofSeconds(10)));
    }

    /** Until the servers of a cluster agree on who leads, JetStream does not answer. */
    private static void awaitJetStream(String urls) {
        try (Connection asking = connect(urls)) {
            Awaitility.await().atMost(AGREEMENT).ignoreExceptions().until(() -> {
                asking.jetStreamManagement().getAccountStatistics();
                return true;
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
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
            awaitJetStream(CLUSTER.urls());
        }
    }
}
