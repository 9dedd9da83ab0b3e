package dev.sluice.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who may do what: {@code sluice.access.*}. */
@ConfigMapping(prefix = "sluice.access")
public interface AccessConfig {

    /** How callers are let in; {@code open} in development and test. */
    @WithDefault("secured")
    Mode mode();

    /** What callers may do, by the names that their tokens' {@code groups} claim gives them. */
    Map<String, Role> roles();

    /**
     * The claim of a token that grants more, to this caller alone: {@code {"publish":{"allow":["a.>"],"deny":[]}}}, with
     * the verbs of a role.
     */
    @WithDefault("sluice")
    String permissionsClaim();

    /**
     * What tokens are signed with: 32 bytes or more, the same on every replica. Random without it, and then a token is
     * good at the instance that gave it until that ends; {@code secured} in production does not start like that.
     */
    Optional<String> tokenSecret();

    /**
     * The cookie in which a browser may bring its token. Its prefix makes browsers take it over HTTPS only; whoever sets
     * it adds {@code HttpOnly}, {@code SameSite} and {@code Path=/}.
     */
    @WithDefault("__Host-sluice")
    @Pattern(regexp = "__(Host|Secure)-[A-Za-z0-9_-]+", message = "begins with __Host- or __Secure-")
    String cookie();

    /**
     * Whether a client also shows a certificate that {@code quarkus.tls.trust-store} trusts. Needs HTTPS, and that
     * {@code quarkus.http.insecure-requests} is {@code disabled}.
     */
    @WithDefault("false")
    boolean clientCertificates();

    /** On how many servers the tickets that were used are kept. */
    @WithDefault("1")
    @Min(1)
    @Max(5)
    int ticketReplicas();

    /** The ways to let callers in. */
    enum Mode {
        /** Everybody may do everything that is not reserved: for a laptop, or behind a proxy that guards the door. */
        OPEN,
        /** A caller shows who they are, and may do what their roles allow. */
        SECURED
    }

    /** A name for permissions. */
    interface Role {
        /** Subjects to send to. */
        Rules publish();

        /** Subjects to watch. */
        Rules subscribe();

        /** Subjects to ask. */
        Rules request();

        /** {@code STREAM.CONSUMER}, to fetch and settle; {@code STREAM.*} is needed to read a stream's messages. */
        Rules consume();

        /** {@code STREAM.CONSUMER}, to create and delete; {@code STREAM.*} is needed to change a stream's messages. */
        Rules administer();
    }

    /** What is allowed, less what is denied; patterns, separated by commas. */
    interface Rules {
        /** Nothing without it. */
        Optional<List<String>> allow();

        /** Wins over every {@code allow}, of this role or another. */
        Optional<List<String>> deny();
    }
}
