package dev.sluice.support;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.opentest4j.TestAbortedException;

/**
 * A small in-memory file system, mounted on a folder only for processes that are started inside its namespaces. It
 * disappears with the process that holds the namespaces. Requires Linux with unprivileged user namespaces.
 */
final class SmallDisk implements AutoCloseable {
    private static final String READY = "mounted";

    private final Path ballast;
    private final Process holder;

    private SmallDisk(Path folder, Process holder) {
        this.holder = holder;
        ballast = inside(folder).resolve("ballast");
    }

    static SmallDisk on(Path folder, long bytes) {
        try {
            Files.createDirectories(folder);
            Process holder = new ProcessBuilder(
                            "unshare",
                            "--map-root-user",
                            "--mount",
                            "sh",
                            "-c",
                            "mount -t tmpfs -o size=" + bytes + " tmpfs \"$0\" && touch \"$0/" + READY
                                    + "\" && exec sleep infinity",
                            folder.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            SmallDisk disk = new SmallDisk(folder, holder);
            Awaitility.await("a file system of its own")
                    .atMost(Timeouts.LIMIT)
                    .until(() -> !holder.isAlive()
                            || Files.exists(disk.inside(folder).resolve(READY)));
            if (!holder.isAlive()) {
                throw new TestAbortedException("This machine lets its user make no namespaces");
            }
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the prefix of a command that runs inside. */
    List<String> entry() {
        return List.of(
                "nsenter",
                "--preserve-credentials",
                "--user",
                "--mount",
                "--target",
                Long.toString(holder.pid()),
                "--");
    }

    /** Uses up all free space. */
    void fill() {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            if (!Files.exists(ballast)) {
                throw new UncheckedIOException(full);
            }
        }
    }

    /** Frees the space used by {@link #fill}. */
    void free() {
        try {
            Files.deleteIfExists(ballast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly();
        holder.onExit().join();
    }

    private Path inside(Path path) {
        return Path.of("/proc/" + holder.pid() + "/root" + path.toAbsolutePath());
    }
}
