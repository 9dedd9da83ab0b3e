package dev.sluice.nats;

import dev.sluice.flow.Backoff;
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
 * The configured options of a connection, read and validated once. Only this class builds jnats {@link Options}.
 */
final class LinkOptions {
    private static final int READ_BUFFER = 128 << 10;
    /** Disables the pings of jnats, which it sends only in silence. The link itself pings. */
    private static final Duration NO_PINGS = Duration.ZERO;

    /** jnats cleans up the requests of its own, which are not used. */
    private static final Duration NO_CLEANUP = Duration.ZERO;

    private static final int ANY_UNANSWERED_PINGS = -1;

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

    /** @throws io.quarkus.runtime.configuration.ConfigurationException naming the invalid key */
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

    /** Returns options for one connection, without listeners and threads. Not reusable: jnats adds its threads. */
    Options.Builder forConnection(String link) {
        Options.Builder options = Options.builder()
                .servers(servers.urls().toArray(String[]::new))
                .connectionName(config.connectionName() + "-" + link)
                .connectionTimeout(config.connectTimeout())
                // Bounds the WebSocket handshake, which has no other timeout. LenientDataPort clears it afterwards.
                .socketReadTimeoutMillis(Math.toIntExact(config.connectTimeout().toMillis()))
                .pingInterval(NO_PINGS)
                .maxPingsOut(ANY_UNANSWERED_PINGS)
                .requestCleanupInterval(NO_CLEANUP)
                .maxReconnects(-1)
                .reconnectDelayBehavior(Options.ReconnectDelayBehavior.BeforeAllRounds)
                .reconnectBufferSize(config.reconnectBuffer().asLongValue())
                .maxControlLine(Math.toIntExact(config.maxControlLine().asLongValue()))
                .bufferSize(READ_BUFFER)
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

    /** Returns the interval of the checks whether the server of a connection is still there. */
    Duration checkInterval() {
        return config.pingInterval().dividedBy(DeadPeerDetector.CHECKS_PER_PING);
    }

    /** Returns the time within which the server of a connection must answer a ping. */
    Duration answerTimeout() {
        return checkInterval().multipliedBy(DeadPeerDetector.CHECKS);
    }

    /** Returns the delay before a round through the servers. Zero for the first round of an outage. */
    Duration pauseBefore(long round) {
        return round == 0 ? Duration.ZERO : config.reconnectWait().plus(upTo(config.reconnectJitter()));
    }

    /** Returns the delay before a new connection after the {@code times}th permanent refusal. */
    Duration pauseAfterRefusal(int times) {
        Backoff backoff = new Backoff(config.reconnectWait(), config.refusedWait());
        return backoff.delay(times).plus(upTo(config.reconnectJitter()));
    }

    /** Returns whether another round is allowed after {@code reconnects} consecutive failed rounds. */
    boolean permitsAnother(int reconnects) {
        return config.maxReconnects() < 0 || reconnects < config.maxReconnects();
    }

    /** Returns a random duration less than {@code bound}, or zero if {@code bound} is zero. */
    static Duration upTo(Duration bound) {
        return bound.isZero()
                ? bound
                : Duration.ofNanos(ThreadLocalRandom.current().nextLong(bound.toNanos()));
    }
}
