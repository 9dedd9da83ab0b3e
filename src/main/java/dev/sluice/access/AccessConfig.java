package dev.sluice.access;

import dev.sluice.config.AtLeast;
import dev.sluice.config.AtMost;
import dev.sluice.config.Matches;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Authentication and permissions: {@code sluice.access.*}. */
@ConfigMapping(prefix = "sluice.access")
public interface AccessConfig {

    /** Whether callers must authenticate. {@code open} in development and test. */
    @WithDefault("secured")
    Mode mode();

    /** Permissions by role name. By default the {@code groups} claim of a token contains the roles of its caller. */
    Map<String, Role> roles();

    /**
     * Token claim with additional permissions for this caller only: {@code {"publish":{"allow":["a.>"],"deny":[]}}},
     * with the verbs of a role.
     */
    @WithDefault("sluice")
    String permissionsClaim();

    /**
     * Secret that signs Sluice's own tokens and encrypts sessions: 32 bytes or more, the same on every instance. Unset: a
     * random secret; a token is then valid only at the instance that issued it and only until that instance stops.
     * Required in production if the mode is {@code secured}.
     */
    Optional<String> tokenSecret();

    /**
     * Name of the cookie with a browser's token, which another application sets. Browsers accept a cookie with this
     * prefix only over HTTPS. That application adds {@code HttpOnly}, {@code SameSite} and {@code Path=/}.
     */
    @WithDefault("__Host-sluice")
    @Matches("__(Host|Secure)-[A-Za-z0-9_-]+")
    String cookie();

    /**
     * Whether a client must also present a certificate. {@code quarkus.tls.edge.trust-store.pem.certs} lists the trusted
     * ones. Requires HTTPS and {@code quarkus.http.insecure-requests=disabled}.
     */
    @WithDefault("false")
    boolean clientCertificates();

    /** Number of NATS servers that store the used tickets and the renewals of sessions. */
    @WithDefault("1")
    @AtLeast("1")
    @AtMost("5")
    int ticketReplicas();

    /** How callers are authenticated. */
    enum Mode {
        /** All callers may do everything that is not reserved. For a laptop, or behind a proxy that controls access. */
        OPEN,
        /** A caller must authenticate and has the permissions of its roles. */
        SECURED
    }

    /** Permissions of one role, by verb. */
    interface Role {
        /** Subjects to publish to. */
        Rules publish();

        /** Subjects to subscribe to. */
        Rules subscribe();

        /** Subjects to send requests to. */
        Rules request();

        /**
         * Consumers to fetch from and to acknowledge, as {@code STREAM.CONSUMER}. {@code STREAM.*} is required to read
         * the messages of a stream.
         */
        Rules consume();

        /**
         * Consumers to create and delete, as {@code STREAM.CONSUMER}. {@code STREAM.*} is required to change the
         * messages of a stream, {@code KV_BUCKET.*} and {@code OBJ_STORE.*} to create, change and delete a bucket or an
         * object store.
         */
        Rules administer();

        /** Keys of buckets to read, as {@code BUCKET.key}. */
        Rules read();

        /** Keys of buckets to set, delete and purge, as {@code BUCKET.key}. */
        Rules write();

        /**
         * Objects to read, as {@code STORE.name}. In a pattern, percent-encode the characters of a name that a subject
         * cannot have, and the percent sign: {@code media.my%20photo.jpg}, {@code %2A} for {@code *}.
         */
        Rules objectRead();

        /** Objects to write and delete, as {@code STORE.name}. */
        Rules objectWrite();
    }

    /** Allowed and denied patterns, separated by commas. */
    interface Rules {
        /** Allowed patterns. Unset: nothing is allowed. */
        Optional<List<String>> allow();

        /** Denied patterns. They take precedence over every {@code allow}, also of another role. */
        Optional<List<String>> deny();
    }
}
