package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetches the real package with the real tools, from the mirror that this machine is configured for. */
class DebianPackageIT {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration FETCH = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    @Test
    void cachesTheServerOfThePackage() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/apt-get")),
                "SKIPPED: no apt-get here, so fetching the Debian package is NOT tested on this machine");
        assumeTrue(
                packageCanBeDownloaded(),
                "SKIPPED: apt-get cannot download nats-server, so the Debian package is NOT tested on this machine");
        BinaryCache cache = BinaryCache.in(folder.resolve("cache"));

        ServerBinary found = new DebianPackage(CONNECT, FETCH, cache).find();

        assertThat(found.path()).isEqualTo(cache.folder().resolve("nats-server"));
        assertThat(cache.find()).isEqualTo(found);
        try (Stream<Path> left = Files.list(cache.folder())) {
            assertThat(left).containsExactly(found.path());
        }
    }

    private boolean packageCanBeDownloaded() throws Exception {
        String ownLists = "-o Dir::State::lists=" + folder.resolve("lists");
        return new ProcessBuilder(
                                "sh",
                                "-c",
                                "mkdir -p lists/partial && apt-get -qq " + ownLists + " update && apt-get -qq "
                                        + ownLists + " download nats-server")
                        .directory(folder.toFile())
                        .inheritIO()
                        .start()
                        .waitFor()
                == 0;
    }
}
