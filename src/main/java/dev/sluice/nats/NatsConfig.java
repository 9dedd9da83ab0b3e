package dev.sluice.nats;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** How Sluice reaches NATS. At most one way to authenticate may be set; none is right for an open server. */
@ConfigMapping(prefix = "sluice.nats")
public interface NatsConfig {

    /**
     * The servers to try, as {@code nats://}, {@code tls://}, {@code ws://} or {@code wss://} URLs; others of the
     * cluster are learned from them. Without it, development and test start a server of their own and production
     * refuses to start. User information in a URL counts as a way to authenticate and never reaches a log.
     */
    Optional<List<String>> servers();

    /** What the server's monitoring calls these connections; the role of the link is appended. */
    @WithDefault("sluice")
    @Pattern(regexp = "[A-Za-z0-9._-]{1,64}")
    String connectionName();

    /** The user, together with {@code password}. */
    Optional<String> user();

    /** The password, together with {@code user}. */
    Optional<String> password();

    /** A token. */
    Optional<String> token();

    /** A file that holds an NKey seed ({@code SU…}); read again at each connect. */
    Optional<Path> nkeySeedFile();

    /** A credentials file: user JWT and seed, as {@code nsc} writes it; read again at each connect, so it can rotate. */
    Optional<Path> credentialsFile();

    /** Transport security. */
    Tls tls();

    /**
     * How many times the list of servers is gone through, without success, before Sluice gives up for good and stays
     * down until it is restarted: -1 never, 0 at once.
     */
    @WithDefault("-1")
    @Min(-1)
    int maxReconnects();

    /** The pause between two rounds through the list of servers; the first round after an outage begins at once. */
    @WithDefault("250ms")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration reconnectWait();

    /** At most this much is added to each pause, at random, so that many clients do not return in step. Zero: nothing. */
    @WithDefault("250ms")
    @DurationMin
    @DurationMax(hours = 1)
    Duration reconnectJitter();

    /**
     * The longest pause after a server has refused us for good (a wrong secret, say): such pauses begin at
     * {@code reconnect-wait} and double.
     */
    @WithDefault("30s")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration refusedWait();

    /**
     * Bounds one attempt at one server: TCP, TLS, authentication and the first answer. An attempt ends earlier if a server
     * has said nothing at all for two and a half of {@code ping-interval}.
     * Longer than 2 s, it may take longer than that to notice that a way which drops packets is open again; TLS over a way
     * of long latency takes five round trips.
     */
    @WithDefault("2s")
    @DurationMin(millis = 10)
    @DurationMax(minutes = 5)
    Duration connectTimeout();

    /**
     * How often a connection on which nothing arrives is pinged. If nothing has arrived for six of these, or nothing that is
     * written was taken, the server counts as gone: its connection is given up and a new one made. While Sluice itself
     * does not run, the count stands still. It should be longer than the time of a round trip.
     */
    @WithDefault("500ms")
    @DurationMin(millis = 100)
    @DurationMax(hours = 1)
    Duration pingInterval();

    /** At most this long after a server announced its end (lame duck) we move on, at a random moment. */
    @WithDefault("2s")
    @DurationMin
    @DurationMax(minutes = 10)
    Duration lameDuckWait();

    /** Whether servers that the cluster gossips are used too. Off where they gossip addresses we cannot reach. */
    @WithDefault("true")
    boolean discoverServers();

    /** Bounds a protocol line, and so the size of a user JWT; the server has a limit of its own (4 KiB by default). */
    @WithDefault("32K")
    MemorySize maxControlLine();

    /** Bounds what is buffered in the instant before an outage is noticed; more fails at once. */
    @WithDefault("16M")
    MemorySize reconnectBuffer();

    /** Bounds the messages handed over but not yet written to the socket; more fail after {@code outgoing-wait}. */
    @WithDefault("65536")
    @Min(1)
    @Max(10_000_000)
    int outgoingMessages();

    /**
     * How long a publish may wait for a place among {@code outgoing-messages} before it fails. jnats gives up as early on
     * the queue's lock, whose holder may have lost the processor, so less fails publishes on a busy machine.
     */
    @WithDefault("25ms")
    @DurationMin(millis = 1)
    @DurationMax(seconds = 10)
    Duration outgoingWait();

    /**
     * How long a publish to core NATS is refused after the server has said that our own user may not publish to its
     * subject; forgotten earlier with every new connection.
     */
    @WithDefault("10s")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration deniedFor();

    /** How many such subjects are remembered. Policy: one more, and all are forgotten. */
    @WithDefault("1024")
    @Min(1)
    @Max(1_000_000)
    int deniedSubjects();

    /** How long a closing connection may take to hand over what it still holds. */
    @WithDefault("10s")
    @DurationMin(millis = 1)
    @DurationMax(minutes = 10)
    Duration drainTimeout();

    /** Transport security. Host names are always verified; there is no switch to turn that off. */
    interface Tls {

        /**
         * Whether TLS is required. By default it is as soon as a server URL says {@code tls://} or {@code wss://}, or
         * another key of this section is set.
         */
        Optional<Boolean> enabled();

        /** Begin with the TLS handshake, before the server's greeting; the server needs {@code handshake_first}. */
        @WithDefault("false")
        boolean handshakeFirst();

        /** The oldest version spoken: {@code TLSv1.2} or {@code TLSv1.3}. */
        @WithDefault("TLSv1.2")
        @Pattern(regexp = "TLSv1\\.[23]")
        String minVersion();

        /** Whom to trust: a PKCS#12 or JKS file; without it the certificate authorities of the JDK. */
        Optional<Path> truststoreFile();

        /** Opens {@code truststore-file}. */
        Optional<String> truststorePassword();

        /** {@code PKCS12} or {@code JKS}; found out by itself if not set. */
        Optional<String> truststoreType();

        /** Our own certificate and key, for servers that verify clients: a PKCS#12 or JKS file. */
        Optional<Path> keystoreFile();

        /** Opens {@code keystore-file} and its key. */
        Optional<String> keystorePassword();

        /** {@code PKCS12} or {@code JKS}; found out by itself if not set. */
        Optional<String> keystoreType();
    }
}
