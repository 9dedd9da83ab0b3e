package dev.sluice.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that answer {@code --version} as a nats-server does, or not quite: for the ways of finding one. */
final class FakeServer {
    private FakeServer() {}

    /** An executable that calls itself nats-server {@code version}. */
    static Path write(Path file, String version) {
        return script(file, "echo 'nats-server: v" + version + "'");
    }

    /** An executable shell script. */
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
