package dev.sluice.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes executables that imitate {@code nats-server --version}, correctly or not, for tests of the binary lookup. */
final class FakeServer {
    private FakeServer() {}

    /** Writes an executable that reports nats-server {@code version}. */
    static Path write(Path file, String version) {
        return script(file, "echo 'nats-server: v" + version + "'");
    }

    /** Writes an executable shell script. */
    static Path script(Path file, String body) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "#!/bin/sh\n" + body + "\n");
            if (!file.toFile().setExecutable(true)) {
                throw new IOException(file + " cannot be made executable");
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
