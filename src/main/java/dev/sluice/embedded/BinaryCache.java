package dev.sluice.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The cached nats-server of an earlier download. The cache folder contains the pinned version, so a Sluice that pins
 * another version downloads again. The binary is probed before each use. One that does not run stays until a download
 * replaces it: the reason may be the machine, such as a lack of memory.
 */
record BinaryCache(Path folder) implements BinarySource {
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
        return ServerBinary.probe(entry());
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
}
