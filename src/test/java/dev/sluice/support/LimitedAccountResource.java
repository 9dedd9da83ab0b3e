package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A real nats-server with the application under test in an account with limits. */
public final class LimitedAccountResource implements QuarkusTestResourceLifecycleManager {
    /** Consumers of one stream. */
    public static final int CONSUMERS = 4;
    /** More than the application creates for itself. */
    public static final int STREAMS = 20;
    /** Bytes of all streams in memory. */
    public static final int MEMORY = 1 << 20;

    private NatsServer server;

    @Override
    public Map<String, String> start() {
        server = NatsServer.started("""
                accounts {
                  APP {
                    jetstream { max_consumers: %d, max_streams: %d, max_mem: %d }
                    users = [{ user: sluice, password: secret }]
                  }
                }
                """.formatted(CONSUMERS, STREAMS, MEMORY));
        return Map.of(
                "sluice.nats.servers", server.url(), "sluice.nats.user", "sluice", "sluice.nats.password", "secret");
    }

    @Override
    public void stop() {
        server.close();
    }
}
