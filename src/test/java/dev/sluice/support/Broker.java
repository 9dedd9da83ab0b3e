package dev.sluice.support;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
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

    Broker(int replicas) {
        this.replicas = replicas;
    }

    /** Of all its servers, comma-separated; JetStream answers there. */
    public abstract String urls();

    /** How many replicas a stream has there. */
    public int replicas() {
        return replicas;
    }

    /** Waits until JetStream on {@code urls} answers: until its servers agree on a leader. */
    private static void awaitJetStream(String urls) {
        try (Connection connection = Nats.connect(Options.builder()
                .servers(urls.split(","))
                .errorListener(new ErrorListener() {})
                .build())) {
            Awaitility.await().atMost(AGREEMENT).ignoreExceptions().until(() -> {
                connection.jetStreamManagement().getAccountStatistics();
                return true;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
