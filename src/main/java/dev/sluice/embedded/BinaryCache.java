package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jboss.logging.Logger;

/**
 * The cached nats-server of an earlier download. The cache folder contains the pinned version, so a Sluice that pins
 * another version downloads again. The binary is probed before each use and removed if it does not run.
 */
record BinaryCache(Path folder) implements BinarySource {
    private static final Logger LOG = Logger.getLogger(BinaryCache.class);

    static BinaryCache in(Path cacheDirectory) {
        return new BinaryCache(cacheDirectory.resolve("nats-server").resolve(ReleaseArchive.VERSION));
    }

    @Override
    public String name() {
        return "cache";
    }

    @Override
    public ServerBinary find() throws BinaryNotFound, InterruptedException {
        if (!Files.exists(entry())) {
            throw new BinaryNotFound("nothing in " + folder);
        }
        try {
            return ServerBinary.probe(entry());
        } catch (BinaryNotFound corrupt) {
            remove();
            LOG.warnf("Removed a corrupt nats-server from the cache: %s", corrupt.getMessage());
            throw new BinaryNotFound("removed a corrupt one: " + corrupt.getMessage());
        }
    }

    /** Creates a temporary folder for a download, on the file system of the cache. */
    TemporaryFolder workplace() throws BinaryNotFound {
        try {
            return TemporaryFolder.in(folder);
        } catch (IOException e) {
            throw new BinaryNotFound("cannot write to the cache: " + e);
        }
    }

    /**
     * Probes {@code fetched} and moves it into the cache atomically: a concurrent reader sees the old entry, no entry
     * or the complete new entry.
     */
    ServerBinary store(Path fetched) throws BinaryNotFound, InterruptedException {
        ServerBinary binary = ServerBinary.probe(fetched);
        try {
            Files.move(fetched, entry(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new BinaryNotFound("cannot write to the cache: " + e);
        }
        return new ServerBinary(entry(), binary.version());
    }

    private Path entry() {
        return folder.resolve(Platform.EXECUTABLE);
    }

    private void remove() throws BinaryNotFound {
        try {
            Files.delete(entry());
        } catch (IOException e) {
            throw new BinaryNotFound("holds a corrupt one that cannot be removed: " + e);
        }
    }
}
