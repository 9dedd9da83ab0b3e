package dev.sluice.nats;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import dev.sluice.config.Matches;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Connection to NATS. At most one authentication method may be set. A server without authentication needs none. */
@ConfigMapping(prefix = "sluice.nats")
public interface NatsConfig {

    /**
     * Servers to connect to, as {@code nats://}, {@code tls://}, {@code ws://} or {@code wss://} URLs. Other servers of
     * the cluster are discovered through them. Unset: development and test start an embedded server, production fails
     * to start. User information in a URL counts as an authentication method and is never logged.
     */
    Optional<List<String>> servers();

    /** Name of the connections in the server's monitoring. The role of the link is appended. */
    @WithDefault("sluice")
    @Matches("[A-Za-z0-9._-]{1,64}")
    String connectionName();

    /** User name. Requires {@code password}. */
    Optional<String> user();

    /** Password. Requires {@code user}. */
    Optional<String> password();

    /** Authentication token. */
    Optional<String> token();

    /** File with an NKey seed ({@code SU…}). Read again at each connect. */
    Optional<Path> nkeySeedFile();

    /** Credentials file, user JWT and seed, as written by {@code nsc}. Read at each connect, so it can be rotated. */
    Optional<Path> credentialsFile();

    /** TLS settings. */
    Tls tls();

    /**
     * Maximum number of consecutive failed reconnect rounds through the server list. -1: unlimited. 0: no reconnect.
     * Policy: Sluice gives up, stays disconnected until it is restarted, and reports that it is not live.
     */
    @WithDefault("-1")
    @AtLeast("-1")
    int maxReconnects();

    /** Delay between two rounds through the list of servers. The first round of an outage starts immediately. */
    @WithDefault("250ms")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration reconnectWait();

    /** Maximum random time added to each delay, so that many clients do not reconnect at the same time. Zero: none. */
    @WithDefault("250ms")
    @AtLeast("0s")
    @AtMost("1h")
    Duration reconnectJitter();

    /**
     * Maximum delay before a new connection after a server has permanently refused Sluice (for example for wrong
     * credentials). The delay starts at {@code reconnect-wait} and doubles with each refusal.
     */
    @WithDefault("30s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration refusedWait();

    /**
     * Timeout of one connection attempt to one server: TCP, TLS, authentication and the first response. An attempt
     * fails earlier if the server sends nothing at all for one and a half times {@code ping-interval}.
     * With a value above 2 s, Sluice may also need more than 2 s to notice that a network which dropped packets works
     * again. A TLS connection takes five round trips, which matters if the latency is high.
     */
    @WithDefault("2s")
    @AtLeast("10ms")
    @AtMost("5m")
    Duration connectTimeout();

    /**
     * Interval of the pings on each connection. If for three intervals nothing arrives, no written data is
     * accepted or no ping is answered, the server counts as gone: Sluice abandons the connection and opens a
     * new one. Time in which Sluice itself does not run is not counted, nor is time in which the network may
     * still transmit earlier data. The value should be longer than a round trip.
     */
    @WithDefault("1s")
    @AtLeast("200ms")
    @AtMost("1h")
    Duration pingInterval();

    /** Upper bound of the random delay before Sluice leaves a server that announced its shutdown (lame duck mode). */
    @WithDefault("2s")
    @AtLeast("0s")
    @AtMost("10m")
    Duration lameDuckWait();

    /** Whether to also use servers that the cluster advertises. Disable it if these addresses are unreachable. */
    @WithDefault("true")
    boolean discoverServers();

    /** Maximum size of a protocol line, and so of a user JWT. The server has its own limit (4 KiB by default). */
    @WithDefault("32K")
    @AtLeast("1K")
    @AtMost(AtMost.MAX_INT)
    MemorySize maxControlLine();

    /** Maximum size of the data buffered until an outage is detected. Policy: a further message fails immediately. */
    @WithDefault("16M")
    @AtLeast("1")
    @AtMost(AtMost.MAX_INT)
    MemorySize reconnectBuffer();

    /**
     * Maximum number of messages that are queued but not yet written to the socket. Policy: a further message fails
     * after {@code outgoing-wait}.
     */
    @WithDefault("65536")
    @AtLeast("1")
    @AtMost("10000000")
    int outgoingMessages();

    /**
     * Maximum time that a publish waits for space in the queue of {@code outgoing-messages}. Policy: the publish
     * fails. jnats applies the same timeout to the lock of the queue. The thread that holds the lock may lose the
     * processor, so a lower value causes failed requests on a busy machine. Until a server that
     * does not read is noticed, a publish to a full queue blocks its event loop, or the reader thread of the connection,
     * for this time.
     */
    @WithDefault("250ms")
    @AtLeast("1ms")
    @AtMost("10s")
    Duration outgoingWait();

    /**
     * Time for which Sluice rejects core NATS publishes to a subject after the server has denied Sluice's own user
     * permission to publish to it. Every new connection or reconnect ends it earlier.
     */
    @WithDefault("10s")
    @AtLeast("1ms")
    @AtMost("1h")
    Duration deniedFor();

    /** Maximum number of remembered denied subjects. Policy: a further subject clears all of them. */
    @WithDefault("1024")
    @AtLeast("1")
    @AtMost("1000000")
    int deniedSubjects();

    /** Maximum time to drain a closing connection: to deliver its remaining messages in both directions. */
    @WithDefault("10s")
    @AtLeast("1ms")
    @AtMost("10m")
    Duration drainTimeout();

    /** TLS settings. Host names are always verified; verification cannot be disabled. */
    interface Tls {

        /**
         * Whether TLS is required. Unset: required if a server URL has the scheme {@code tls://} or {@code wss://}, or
         * if {@code handshake-first}, {@code truststore-file} or {@code keystore-file} is set.
         */
        Optional<Boolean> enabled();

        /** Whether TLS starts before the server's INFO message. The server needs {@code handshake_first}. */
        @WithDefault("false")
        boolean handshakeFirst();

        /** Minimum TLS version: {@code TLSv1.2} or {@code TLSv1.3}. */
        @WithDefault("TLSv1.2")
        @Matches("TLSv1\\.[23]")
        String minVersion();

        /** Trust store, a PKCS#12 or JKS file. Unset: the certificate authorities of the JDK. */
        Optional<Path> truststoreFile();

        /** Password of {@code truststore-file}. */
        Optional<String> truststorePassword();

        /** Type of {@code truststore-file}: {@code PKCS12} or {@code JKS}. Unset: detected from the file. */
        Optional<String> truststoreType();

        /** Key store with the client certificate and key, for servers that verify clients: a PKCS#12 or JKS file. */
        Optional<Path> keystoreFile();

        /** Password of {@code keystore-file} and of its key. */
        Optional<String> keystorePassword();

        /** Type of {@code keystore-file}: {@code PKCS12} or {@code JKS}. Unset: detected from the file. */
        Optional<String> keystoreType();
    }
}
