package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Configures mutual TLS: the application under test accepts only the client certificate {@code client}. */
public final class MutualTlsResource implements QuarkusTestResourceLifecycleManager {
    private Certificates certificates;
    private Path trusting;

    @Override
    public Map<String, String> start() {
        try {
            certificates = new Certificates(Files.createTempDirectory("sluice-mutual"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        certificates.make("edge", "dns:localhost");
        trusting = certificates.trusting("edge");
        certificates.make("client", "dns:client");
        certificates.make("stranger", "dns:stranger");
        return Map.of(
                "quarkus.tls.edge.key-store.pem.0.cert",
                certificates.certificate("edge").toString(),
                "quarkus.tls.edge.key-store.pem.0.key",
                certificates.key("edge").toString(),
                "quarkus.tls.edge.trust-store.pem.certs",
                certificates.certificate("client").toString(),
                "quarkus.http.tls-configuration-name",
                "edge",
                "quarkus.http.insecure-requests",
                "disabled",
                "sluice.access.client-certificates",
                "true",
                "quarkus.http.test-ssl-port",
                "0");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(certificates, new TestInjector.MatchesType(Certificates.class));
        injector.injectIntoFields(trusting, new TestInjector.MatchesType(Path.class));
    }

    @Override
    public void stop() {}
}
