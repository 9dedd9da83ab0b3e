package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jboss.logging.Logger;

/**
 * The nats-server that an earlier start fetched. It is kept under the pinned version, so a Sluice that pins another one
 * fetches anew, and it is probed before each use: one that does not run is removed.
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

    /** A folder to fetch into, on the cache's own file system. */
    TemporaryFolder workplace() throws BinaryNotFound {
        try {
            return TemporaryFolder.in(folder);
        } catch (IOException e) {
            throw new BinaryNotFound("cannot write to the cache: " + e);
        }
    }

    /**
     * Probes {@code fetched} and moves it into place in one step: whoever looks sees the old entry, none, or the whole
     * new one.
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
