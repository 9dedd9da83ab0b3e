package dev.sluice.reliability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;

/** The system clock of the instances, which libfaketime lets a scenario set. Their monotonic clock is the real one. */
final class ServiceClock {
    private final Path library;
    private final Path offset;
    private final Path next;

    private ServiceClock(Path library, Path folder) {
        this.library = library;
        offset = folder.resolve("clock");
        next = folder.resolve("next");
        set("+0");
    }

    /** Returns a clock whose file is in {@code folder}, or empty if libfaketime is not installed. */
    static Optional<ServiceClock> in(Path folder) {
        try (Stream<Path> libraries = Files.find(
                Path.of("/usr/lib"), 3, (path, attributes) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            return libraries.findFirst().map(library -> new ServiceClock(library, folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the instances of {@code builder} read this clock. */
    Harness.Builder readBy(Harness.Builder builder) {
        return builder.with("LD_PRELOAD", library.toString())
                .with("FAKETIME_TIMESTAMP_FILE", offset.toString())
                .with("FAKETIME_CACHE_DURATION", "1")
                .with("FAKETIME_FORCE_MONOTONIC_FIX", "0")
                .with("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    /** @param seconds the difference to the right time, with its sign */
    void set(String seconds) {
        try {
            Files.writeString(next, seconds + "\n");
            Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
