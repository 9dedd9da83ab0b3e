package dev.sluice.nats;

import io.nats.client.Options;
import io.nats.client.Options.HostnameResolveMode;
import io.nats.client.impl.NoOpStatistics;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;

/**
 * Everything about a connection that configuration decides, read and checked once: the only place that builds jnats'
 * options.
 */
final class LinkOptions {
    private static final int READ_BUFFER = 128 << 10;
    /** Whether the server is gone is not for jnats to judge: {@link DeadPeerDetector} does. */
    private static final int ANY_UNANSWERED_PINGS = -1;
    /** jnats fails requests without a deadline of their own no finer than this; Sluice's all have one. */
    private static final Duration REQUEST_SWEEP = Duration.ofSeconds(1);

    private final NatsConfig config;
    private final ServerList servers;
    private final Authentication authentication;
    private final Optional<SSLContext> tls;

    private LinkOptions(
            NatsConfig config, ServerList servers, Authentication authentication, Optional<SSLContext> tls) {
        this.config = config;
        this.servers = servers;
        this.authentication = authentication;
        this.tls = tls;
    }

    /** @throws io.quarkus.runtime.configuration.ConfigurationException naming the key that is wrong */
    static LinkOptions of(NatsConfig config, List<String> urls) {
        ServerList servers = ServerList.of(urls);
        LinkOptions options = new LinkOptions(
                config,
                servers,
                Authentication.of(config, servers),
                TlsContext.wanted(config.tls(), servers) ? Optional.of(TlsContext.of(config.tls())) : Optional.empty());
        options.check();
        return options;
    }

    private void check() {
        try {
            forConnection("check").build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ConfigurationException("sluice.nats: " + e.getMessage());
        }
    }

    NatsConfig config() {
        return config;
    }

    /** Options for one connection, to be completed with its listeners and threads. jnats keeps its threads in them. */
    Options.Builder forConnection(String link) {
        Options.Builder options = Options.builder()
                .servers(servers.urls().toArray(String[]::new))
                .connectionName(config.connectionName() + "-" + link)
                .connectionTimeout(config.connectTimeout())
                // For the handshake of a WebSocket, which nothing else bounds; LenientDataPort ends it.
                .socketReadTimeoutMillis(Math.toIntExact(config.connectTimeout().toMillis()))
                .pingInterval(config.pingInterval())
                .maxPingsOut(ANY_UNANSWERED_PINGS)
                .maxReconnects(-1)
                .reconnectDelayBehavior(Options.ReconnectDelayBehavior.BeforeAllRounds)
                .reconnectBufferSize(config.reconnectBuffer().asLongValue())
                .maxControlLine(Math.toIntExact(config.maxControlLine().asLongValue()))
                .bufferSize(READ_BUFFER)
                .requestCleanupInterval(REQUEST_SWEEP)
                .useTimeoutException()
                .reportNoResponders()
                .dontForceFlushOnRequest()
                .maxMessagesInOutgoingQueue(config.outgoingMessages())
                .writeQueuePushTimeout(config.outgoingWait())
                .supportUTF8Subjects()
                .statisticsCollector(new NoOpStatistics())
                .dataPortType(LenientDataPort.class.getName())
                .hostnameResolveMode(HostnameResolveMode.HappyEyeballs);
        authentication.applyTo(options);
        tls.ifPresent(options::sslContext);
        if (config.tls().handshakeFirst()) {
            options.tlsFirst();
        }
        if (!config.discoverServers()) {
            options.ignoreDiscoveredServers();
        }
        return options;
    }

    /** How often a connection is looked at, whether its server is still there. */
    Duration lookInterval() {
        return config.pingInterval().dividedBy(DeadPeerDetector.LOOKS_PER_PING);
    }

    /** The pause before a round through the servers; the first round of an outage has none. */
    Duration pauseBefore(long round) {
        return round == 0 ? Duration.ZERO : config.reconnectWait().plus(upTo(config.reconnectJitter()));
    }

    /** The pause before a connection that was refused for good for the {@code times}th time is tried anew. */
    Duration pauseAfterRefusal(int times) {
        Duration doubled = config.reconnectWait().multipliedBy(1L << Math.min(times - 1, 20));
        Duration bounded = doubled.compareTo(config.refusedWait()) < 0 ? doubled : config.refusedWait();
        return bounded.plus(upTo(config.reconnectJitter()));
    }

    /** Whether another round is allowed after {@code reconnects} of them failed in a row. */
    boolean permitsAnother(int reconnects) {
        return config.maxReconnects() < 0 || reconnects < config.maxReconnects();
    }

    /** A moment within {@code bound}, at random. */
    static Duration upTo(Duration bound) {
        return bound.isZero()
                ? bound
                : Duration.ofNanos(ThreadLocalRandom.current().nextLong(bound.toNanos()));
    }
}
