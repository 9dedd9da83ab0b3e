package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** A folder that is deleted with its content on close. */
record TemporaryFolder(Path path) implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TemporaryFolder.class);

    /** Creates a folder in the system's temporary directory. */
    static TemporaryFolder create() throws IOException {
        return new TemporaryFolder(Files.createTempDirectory("sluice-nats"));
    }

    /**
     * Creates a folder in {@code parent}, which is created if necessary. Files can then be moved atomically within its
     * file system.
     */
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
            LOG.warnf("Cannot delete the temporary folder %s: %s", path, e);
        }
    }
}
