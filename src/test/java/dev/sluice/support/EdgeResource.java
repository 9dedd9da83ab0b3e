package dev.sluice.support;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Configures the application under test as an edge service: HTTPS, one permitted foreign origin, and low limits. Test
 * arguments add or override keys.
 */
public final class EdgeResource implements QuarkusTestResourceLifecycleManager {
    public static final String ORIGIN = "https://app.example";
    private Path trusting;
    private Map<String, String> more = Map.of();

    @Override
    public void init(Map<String, String> arguments) {
        more = arguments;
    }

    @Override
    public Map<String, String> start() {
        Certificates certificates = new Certificates(folder());
        certificates.make("edge", "dns:localhost");
        trusting = certificates.trusting("edge");
        Map<String, String> settings = new HashMap<>(Map.of(
                "quarkus.tls.edge.key-store.pem.0.cert",
                certificates.certificate("edge").toString(),
                "quarkus.tls.edge.key-store.pem.0.key",
                certificates.key("edge").toString(),
                "quarkus.http.tls-configuration-name",
                "edge",
                "quarkus.http.test-ssl-port",
                "0",
                "quarkus.http.cors.enabled",
                "true",
                "quarkus.http.cors.origins",
                ORIGIN,
                "sluice.access.limits.requests-per-second",
                "50",
                "sluice.access.limits.bytes-per-second",
                "100K"));
        settings.putAll(more);
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(trusting, new TestInjector.MatchesType(Path.class));
    }

    @Override
    public void stop() {}

    private static Path folder() {
        try {
            return Files.createTempDirectory("sluice-edge");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
