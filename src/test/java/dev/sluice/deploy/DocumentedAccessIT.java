package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.support.FreePorts;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the examples of SECURITY.md: a key pair, a token, and the packaged service that accepts it. Only the ports and the
 * path of the jar differ.
 */
@Tag("slow")
class DocumentedAccessIT {
    private final int port = FreePorts.next();
    private final int managementPort = FreePorts.next();
    private NatsServer nats;
    private ExampleShell shell;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        for (String command : List.of("bash", "curl", "openssl")) {
            assumeTrue(ExampleShell.has(command), "No " + command + " on the PATH; the examples were not tried");
        }
        nats = NatsServer.started();
        Files.createDirectory(folder.resolve("target"));
        shell = new ExampleShell(folder, "http://localhost:" + port)
                .replacing("localhost:9000", "localhost:" + managementPort)
                .replacing("nats://127.0.0.1:4222", nats.url())
                .replacing("java -jar target/quarkus-app/quarkus-run.jar", java());
    }

    private String java() {
        return "'%s/bin/java' -Xmx256m -Dquarkus.http.port=%d -Dquarkus.management.port=%d -Dsluice.shutdown.unready=100ms -jar '%s'"
                .formatted(System.getProperty("java.home"), port, managementPort, PackagedService.jar());
    }

    @AfterEach
    void close() {
        if (shell != null) {
            shell.close();
        }
        if (nats != null) {
            nats.close();
        }
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void acceptsTheTokenAndRefusesWhatItsRoleMayNotDo() {
        List<Example> examples = Example.of(Path.of("SECURITY.md"));

        assertThat(examples).hasSize(2);
        examples.forEach(shell::run);
        await().atMost(Timeouts.LIMIT).until(shell::idle);
    }
}
