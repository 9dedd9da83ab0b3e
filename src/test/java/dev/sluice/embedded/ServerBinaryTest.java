package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Accepts a file only if it runs and reports a supported nats-server version. */
class ServerBinaryTest {
    @TempDir
    Path folder;

    @Test
    void readsItsVersion() throws Exception {
        Path file = FakeServer.write(folder.resolve("nats-server"), "2.14.5");

        assertThat(ServerBinary.probe(file)).isEqualTo(new ServerBinary(file, "2.14.5"));
    }

    @Test
    void rejectsAMissingFile() {
        assertRefused(folder.resolve("nats-server"), "is not there");
    }

    @Test
    void rejectsAFileThatIsNotExecutable() throws Exception {
        assertRefused(Files.writeString(folder.resolve("nats-server"), "text"), "is not executable");
    }

    @Test
    void rejectsAFileThatTheSystemCannotRun() throws Exception {
        Path file = FakeServer.write(folder.resolve("nats-server"), "2.14.5");
        Files.writeString(file, "#!/no/such/interpreter");

        assertRefused(file, "does not run");
    }

    @Test
    void rejectsATruncatedBinary() throws Exception {
        Path file = FakeServer.write(folder.resolve("nats-server"), "2.14.5");
        Files.write(file, new byte[] {0x7f, 'E', 'L', 'F', 1, 2, 3});

        assertRefused(file, "nats-server");
    }

    @Test
    void rejectsAnotherProgram() {
        assertRefused(
                FakeServer.script(folder.resolve("nats-server"), "echo hello"), "does not answer as a nats-server");
    }

    @Test
    void rejectsAVersionThatIsTooOld() {
        assertRefused(FakeServer.write(folder.resolve("nats-server"), "2.8.4"), "is 2.8.4, older than 2.9");
    }

    @ParameterizedTest
    @CsvSource({"2.9.10, true", "2.13.9, true", "2.14.0-RC.1, false", "2.14.9, false", "2.15.1, false", "3.0.0, false"})
    void isOlderIfItsMinorVersionIs(String version, boolean older) {
        assertThat(new ServerBinary(folder, version).olderThan("2.14.5")).isEqualTo(older);
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> ServerBinary.probe(file))
                .isInstanceOf(BinaryNotFound.class)
                .hasMessageContaining(reason);
    }
}
