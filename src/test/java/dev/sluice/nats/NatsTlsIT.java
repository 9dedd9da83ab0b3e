package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sluice.support.Certificates;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS to real servers: trust, host names, protocol versions, and the client certificate. */
class NatsTlsIT {

    @TempDir
    private static Path folder;

    private static Certificates certificates;
    private static Path trust;

    private NatsServer server;
    private NatsLink link;

    @BeforeAll
    static void makeCertificates() {
        certificates = new Certificates(folder);
        certificates.make("good", "dns:localhost");
        certificates.make("wrong", "dns:wrong.example");
        trust = certificates.trusting("good");
    }

    @AfterEach
    void close() {
        if (link != null) {
            link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void connectsToATrustedServer() {
        server = NatsServer.started(tls("good", ""));

        link = link(Map.of("tls.truststore-file", trust.toString()));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void rejectsAnUntrustedServer() {
        server = NatsServer.started(tls("good", ""));

        link = link(Map.of("tls.enabled", "true"));

        failsToConnect();
    }

    @Test
    void rejectsATrustedCertificateForAnotherHost() {
        server = NatsServer.started(tls("wrong", ""));

        link = link(Map.of("tls.truststore-file", certificates.trusting("wrong").toString()));

        failsToConnect();
    }

    @Test
    void doesNotConnectWithoutTlsIfTlsIsConfigured() {
        server = NatsServer.started();

        link = link(Map.of("tls.truststore-file", trust.toString()));

        failsToConnect();
    }

    @Test
    void connectsToAServerThatSupportsOnlyTls13() throws IOException {
        assumeFalse(serverVersion().contains("v2.9."), "min_version came with 2.10");
        server = NatsServer.started(tls("good", "min_version: \"1.3\""));

        link = link(Map.of("tls.truststore-file", trust.toString(), "tls.min-version", "TLSv1.3"));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void presentsItsCertificateToAServerThatVerifiesClients() {
        Path client = certificates.make("client", "dns:client");
        server =
                NatsServer.started(tls("good", "verify: true, ca_file: \"" + certificates.certificate("client") + '"'));

        link = link(Map.of(
                "tls.truststore-file", trust.toString(),
                "tls.keystore-file", client.toString(),
                "tls.keystore-password", Certificates.PASSWORD));

        await().atMost(Timeouts.LIMIT).until(link::up);
    }

    @Test
    void cannotConnectWithoutACertificateToAServerThatVerifiesClients() {
        certificates.make("other-client", "dns:client");
        server = NatsServer.started(
                tls("good", "verify: true, ca_file: \"" + certificates.certificate("other-client") + '"'));

        link = link(Map.of("tls.truststore-file", trust.toString()));

        failsToConnect();
    }

    private void failsToConnect() {
        await().atMost(Timeouts.LIMIT).until(() -> link.events().count(ConnectionEvent.ATTEMPT_FAILED) > 1);
        assertThat(link.events().count(ConnectionEvent.CONNECTED)).isZero();
    }

    private NatsLink link(Map<String, String> keys) {
        Map<String, String> all = new HashMap<>(keys);
        all.put("servers", "nats://localhost:" + server.port());
        all.put("tls.truststore-password", Certificates.PASSWORD);
        return TestLinks.link(all);
    }

    private static String serverVersion() throws IOException {
        Process version = new ProcessBuilder(NatsServer.binary(), "--version").start();
        return new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String tls(String certificate, String more) {
        return "tls { cert_file: \"%s\", key_file: \"%s\", timeout: 5 %s }\n"
                .formatted(certificates.certificate(certificate), certificates.key(certificate), comma(more));
    }

    private static String comma(String more) {
        return more.isEmpty() ? "" : ", " + more;
    }
}
