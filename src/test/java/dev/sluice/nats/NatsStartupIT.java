package dev.sluice.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service reports invalid settings at a start in production with one line and no stack trace. */
class NatsStartupIT {
    @TempDir
    private Path folder;

    @Test
    void reportsAMissingServerInOneLine() throws IOException, InterruptedException {
        assertThat(said()).singleElement().asString().contains("SLUICE_NATS_SERVERS");
    }

    @Test
    void reportsTwoAuthenticationMethodsInOneLineWithoutTheSecrets() throws IOException, InterruptedException {
        assertThat(said("-Dsluice.nats.servers=nats://me:topsecret@127.0.0.1", "-Dsluice.nats.token=topsecret"))
                .singleElement()
                .asString()
                .contains("sluice.nats.token", "sluice.nats.servers")
                .doesNotContain("topsecret");
    }

    @Test
    void reportsAnUnreadableKeyStoreInOneLine() throws IOException, InterruptedException {
        Path store = Files.writeString(folder.resolve("trust.p12"), "not a store");

        assertThat(said("-Dsluice.nats.servers=tls://127.0.0.1", "-Dsluice.nats.tls.truststore-file=" + store))
                .singleElement()
                .asString()
                .contains("sluice.nats.tls.truststore-file");
    }

    private List<String> said(String... settings) throws IOException, InterruptedException {
        Path output = folder.resolve("output.log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Dsluice.access.mode=open", "-Dquarkus.http.port=0", "-Dquarkus.management.port=0"));
        command.add("-Dquarkus.banner.enabled=false");
        command.addAll(List.of(settings));
        command.addAll(List.of("-jar", System.getProperty("sluice.jar")));
        Process service = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(service.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(service.exitValue()).isNotZero();
        } finally {
            service.destroyForcibly();
        }
        return Files.readAllLines(output, StandardCharsets.UTF_8);
    }
}
