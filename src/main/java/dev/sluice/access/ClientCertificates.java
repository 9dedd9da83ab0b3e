package dev.sluice.access;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Requires client certificates if configured. Quarkus fixes {@code client-auth} at build time, so it is set here at
 * startup.
 */
@Singleton
final class ClientCertificates implements HttpServerOptionsCustomizer {
    private static final String PLAIN = "quarkus.http.insecure-requests";

    private final boolean required;
    private final String plain;

    @Inject
    ClientCertificates(AccessConfig config, @ConfigProperty(name = PLAIN, defaultValue = "enabled") String plain) {
        this.required = config.clientCertificates();
        this.plain = plain;
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        requireNoWayAround();
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        requireNoWayAround();
        if (required && options.getTrustOptions() == null) {
            throw new ConfigurationException(
                    "sluice.access.client-certificates needs trusted certificates: quarkus.tls.edge.trust-store.pem.certs");
        }
        if (required) {
            options.setClientAuth(ClientAuth.REQUIRED);
        }
    }

    private void requireNoWayAround() {
        if (required && plain.equals("enabled")) {
            throw new ConfigurationException("sluice.access.client-certificates needs " + PLAIN + "=disabled");
        }
    }
}
