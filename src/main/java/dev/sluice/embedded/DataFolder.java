package dev.sluice.embedded;

import dev.sluice.failure.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The data folder of one embedded server, locked while the server runs. Two servers on one JetStream folder would
 * corrupt it, so a lock file excludes a second server, in this process and in others.
 */
record DataFolder(Path path, AutoCloseable hold) implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DataFolder.class);

    static DataFolder open(EmbeddedConfig config) throws IOException {
        if (!config.keepData()) {
            return temporary();
        }
        if (config.dataDirectory().isPresent()) {
            Path chosen = config.dataDirectory().get();
            return locked(chosen)
                    .orElseThrow(() -> Failure.UNAVAILABLE.because(
                            "sluice.embedded.data-directory " + chosen + " is used by another embedded nats-server"));
        }
        Path shared = config.cacheDirectory().resolve("data");
        Optional<DataFolder> own = locked(shared);
        return own.isPresent() ? own.get() : insteadOf(shared);
    }

    @Override
    public void close() {
        try {
            hold.close();
        } catch (Exception e) {
            LOG.warnf("Cannot release the data folder %s: %s", path, e);
        }
    }

    private static DataFolder insteadOf(Path shared) throws IOException {
        DataFolder temporary = temporary();
        LOG.warnf(
                "%s is used by another embedded nats-server; this one keeps its messages in %s only until it is closed."
                        + " Set sluice.embedded.data-directory to give it its own folder",
                shared, temporary.path());
        return temporary;
    }

    private static DataFolder temporary() throws IOException {
        TemporaryFolder folder = TemporaryFolder.create();
        return new DataFolder(folder.path(), folder);
    }

    /** Locks {@code folder}. Returns empty if the folder is already locked. */
    private static Optional<DataFolder> locked(Path folder) throws IOException {
        Path absolute = Files.createDirectories(folder.toAbsolutePath());
        FileChannel channel =
                FileChannel.open(absolute.resolve("sluice.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new DataFolder(absolute, channel));
            }
        } catch (OverlappingFileLockException heldByThisProcess) {
            LOG.debugf("%s is held by this process", absolute);
        }
        channel.close();
        return Optional.empty();
    }
}
