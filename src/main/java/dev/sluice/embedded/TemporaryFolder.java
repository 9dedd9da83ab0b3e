package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** A folder that is deleted, with all that it holds, on close. */
record TemporaryFolder(Path path) implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TemporaryFolder.class);

    /** In the system's folder for temporary files. */
    static TemporaryFolder create() throws IOException {
        return new TemporaryFolder(Files.createTempDirectory("sluice-nats"));
    }

    /** In {@code parent}, which is created where needed: on the same file system, for a move in one step. */
    static TemporaryFolder in(Path parent) throws IOException {
        return new TemporaryFolder(Files.createTempDirectory(Files.createDirectories(parent), "fetch"));
    }

    @Override
    public void close() {
        try (Stream<Path> tree = Files.walk(path)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.warnf("The temporary folder %s stays behind: %s", path, e);
        }
    }
}
