package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.failure.SluiceException;
import dev.sluice.support.FreePorts;
import dev.sluice.support.LogRecords;
import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Life cycle of the child process: start, close, restart after a crash, and death of the parent process. */
class EmbeddedNatsIT {
    private static final Duration SECONDS = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void acceptsClientsOnceStarted() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.start(config());
                Connection connection = Nats.connect(nats.url())) {
            assertThat(connection.getStatus()).isEqualTo(Connection.Status.CONNECTED);
        }
    }

    @Test
    void endsAtClose() {
        EmbeddedNats nats = EmbeddedNats.start(config());
        long pid = nats.pid();

        nats.close();

        assertThat(isGone(pid)).isTrue();
        assertThat(nats.restarts()).isZero();
    }

    @Test
    void killsAServerThatDoesNotEndInTime() throws Exception {
        EmbeddedNats nats = EmbeddedNats.start(config("stop-timeout", "1s"));
        long pid = nats.pid();
        signal("-STOP", pid);

        nats.close();

        assertThat(isGone(pid)).isTrue();
    }

    @Test
    void keepsItsStreamsAcrossRestarts() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.start(config())) {
            addStream(nats);
        }

        try (EmbeddedNats nats = EmbeddedNats.start(config())) {
            assertThat(streams(nats)).containsExactly("KEPT");
        }
    }

    @Test
    void deletesItsDataFolderWithoutKeepData() {
        EmbeddedNats nats = EmbeddedNats.start(config("keep-data", "false"));

        nats.close();

        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void restartsOnTheSamePortWithTheSameDataAfterAKill() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.start(config())) {
            String url = nats.url();
            addStream(nats);
            long killed = nats.pid();

            ProcessHandle.of(killed).orElseThrow().destroyForcibly();

            await().atMost(SECONDS).until(() -> nats.restarts() == 1);
            assertThat(nats.pid()).isNotEqualTo(killed);
            assertThat(nats.url()).isEqualTo(url);
            assertThat(streams(nats)).containsExactly("KEPT");
        }
    }

    @Test
    void logsTheKillAndTheRestart() {
        try (LogRecords log = LogRecords.of(EmbeddedNats.class.getName());
                EmbeddedNats nats = EmbeddedNats.start(config())) {
            ProcessHandle.of(nats.pid()).orElseThrow().destroyForcibly();

            await().atMost(SECONDS).until(() -> nats.restarts() == 1);
            assertThat(log.messages())
                    .anyMatch(line -> line.startsWith("WARN") && line.contains("ended (exit code 137)"))
                    .anyMatch(line -> line.startsWith("WARN") && line.contains("is back on " + nats.url()));
        }
    }

    @Test
    void restartsAlsoAfterItsWatchdogIsKilled() {
        try (EmbeddedNats nats = EmbeddedNats.start(config())) {
            ProcessHandle watchdog =
                    ProcessHandle.of(nats.pid()).flatMap(ProcessHandle::parent).orElseThrow();

            watchdog.destroyForcibly();

            await().atMost(SECONDS).until(() -> nats.restarts() == 1);
        }
    }

    @Test
    void logsItsOutput() {
        try (LogRecords log = LogRecords.of("nats-server");
                EmbeddedNats nats = EmbeddedNats.start(config())) {
            assertThat(nats.url()).isNotEmpty();
            await().atMost(SECONDS).until(() -> log.messages().contains("INFO Server is ready"));
        }
    }

    @Test
    void listensOnTheChosenPort() {
        int port = FreePorts.next();

        try (EmbeddedNats nats = EmbeddedNats.start(config("port", Integer.toString(port)))) {
            assertThat(nats.url()).isEqualTo("nats://127.0.0.1:" + port);
        }
    }

    @Test
    void reportsAPortThatIsInUse() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            EmbeddedConfig config = config("port", Integer.toString(other.getLocalPort()));

            assertThatThrownBy(() -> EmbeddedNats.start(config))
                    .isInstanceOf(SluiceException.class)
                    .hasMessageContaining("sluice.embedded.port " + other.getLocalPort() + " is taken");
        }
    }

    @Test
    void reportsADataFolderThatIsInUse() {
        EmbeddedConfig config = config("data-directory", folder.resolve("mine").toString());
        try (EmbeddedNats nats = EmbeddedNats.start(config)) {
            assertThat(nats.url()).isNotEmpty();
            assertThatThrownBy(() -> EmbeddedNats.start(config))
                    .isInstanceOf(SluiceException.class)
                    .hasMessageContaining("mine is used by another embedded nats-server");
        }
    }

    @Test
    void reportsWhyTheServerDoesNotStart() throws IOException {
        Path data = Files.createDirectories(folder.resolve("mine"));
        Files.writeString(data.resolve("jetstream"), "a file where a folder has to be");

        assertThatThrownBy(() -> EmbeddedNats.start(config("data-directory", data.toString())))
                .isInstanceOf(SluiceException.class)
                .hasMessageContaining("ended with exit code 1 while starting: ")
                .hasMessageContaining("JetStream");
    }

    @Test
    void endsWhenItsParentIsKilled() throws Exception {
        Process parent = parent();
        long pid = EmbeddedNatsParent.pidOf(parent.inputReader(StandardCharsets.UTF_8));
        assertThat(ProcessHandle.of(pid)).isPresent();

        parent.destroyForcibly();

        await().atMost(SECONDS).until(() -> isGone(pid));
    }

    @Test
    @Tag("slow")
    void startsOnItsDataOnlyAfterTheServerOfAKilledParentHasEnded() throws Exception {
        Process parent = parent();
        long earlier = EmbeddedNatsParent.pidOf(parent.inputReader(StandardCharsets.UTF_8));
        signal("-STOP", earlier);
        parent.destroyForcibly().waitFor();
        assertThat(isGone(earlier)).isFalse();

        try (EmbeddedNats next = EmbeddedNats.start(config())) {
            assertThat(isGone(earlier)).isTrue();
            assertThat(next.pid()).isNotEqualTo(earlier);
        }
    }

    @Test
    void endsWhenItsProcessGroupIsKilled() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/setsid")),
                "SKIPPED: no setsid here, so the end with a killed process group is NOT tested on this machine");
        Process parent = parent("/usr/bin/setsid");
        long pid = EmbeddedNatsParent.pidOf(parent.inputReader(StandardCharsets.UTF_8));
        assertThat(ProcessHandle.of(pid)).isPresent();

        signal("-KILL", -parent.pid());

        await().atMost(SECONDS).until(() -> isGone(pid));
    }

    /** Starts a separate JVM with an embedded server. {@code launcher} is an optional command prefix. */
    private Process parent(String... launcher) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), EmbeddedNatsParent.class.getName()));
        command.addAll(List.of(NatsServer.binary(), folder.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void signal(String signal, long pid) throws Exception {
        new ProcessBuilder("kill", signal, "--", Long.toString(pid)).start().waitFor();
    }

    private static boolean isGone(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
    }

    private EmbeddedConfig config(String... keysAndValues) {
        List<String> all = new ArrayList<>(List.of("binary", NatsServer.binary()));
        all.addAll(List.of(keysAndValues));
        return EmbeddedSettings.in(folder, all.toArray(String[]::new));
    }

    private static void addStream(EmbeddedNats nats) throws Exception {
        try (Connection connection = Nats.connect(nats.url())) {
            connection
                    .jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("KEPT")
                            .subjects("kept.>")
                            .storageType(StorageType.File)
                            .build());
        }
    }

    private static List<String> streams(EmbeddedNats nats) throws Exception {
        try (Connection connection = Nats.connect(nats.url())) {
            JetStreamManagement management = connection.jetStreamManagement();
            return management.getStreamNames();
        }
    }
}
