package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.support.Settings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first source that provides a nats-server is used. If none does, one message lists the reason for each source. */
class BinaryFinderTest {
    private static final Duration NOT_LONG = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    private PathBinary path;
    private BinaryCache cache;

    @BeforeEach
    void setUp() {
        path = new PathBinary(List.of(folder.resolve("absent"), folder.resolve("bin")));
        cache = BinaryCache.in(folder.resolve("cache"));
    }

    @Test
    void usesTheConfiguredBinary() {
        Path binary = FakeServer.write(folder.resolve("mine"), "2.10.0");
        EmbeddedConfig config = Settings.of(EmbeddedConfig.class, Map.of("sluice.embedded.binary", binary.toString()));

        assertThat(BinaryFinder.find(config)).isEqualTo(binary);
    }

    @Test
    void searchesNowhereElseIfTheConfiguredBinaryDoesNotRun() {
        EmbeddedConfig config = Settings.of(
                EmbeddedConfig.class,
                Map.of("sluice.embedded.binary", folder.resolve("gone").toString()));

        assertThatThrownBy(() -> BinaryFinder.find(config))
                .isInstanceOf(SluiceException.class)
                .hasMessageContaining("sluice.embedded.binary: " + folder.resolve("gone") + " is not there")
                .hasMessageNotContaining("PATH:");
    }

    @Test
    void prefersThePathToTheCache() {
        Path installed = FakeServer.write(folder.resolve("bin/nats-server"), "2.9.10");
        FakeServer.write(cache.folder().resolve("nats-server"), "2.14.5");

        assertThat(new BinaryFinder(List.of(path, cache)).find()).isEqualTo(installed);
    }

    @Test
    void skipsABinaryOnThePathThatIsTooOld() {
        FakeServer.write(folder.resolve("bin/nats-server"), "2.1.0");
        Path cached = FakeServer.write(cache.folder().resolve("nats-server"), "2.14.5");

        assertThat(new BinaryFinder(List.of(path, cache)).find()).isEqualTo(cached);
    }

    @Test
    void usesALaterBinaryOnThePathIfAnEarlierOneDoesNotRun() {
        FakeServer.script(folder.resolve("bin/nats-server"), "exit 1");
        Path second = FakeServer.write(folder.resolve("sbin/nats-server"), "2.12.0");
        PathBinary two = new PathBinary(List.of(folder.resolve("bin"), folder.resolve("sbin")));

        assertThat(new BinaryFinder(List.of(two)).find()).isEqualTo(second);
    }

    /** The reason may be the machine, such as a lack of memory or processes. */
    @Test
    void keepsACacheEntryThatDoesNotRun() {
        Path entry = FakeServer.script(cache.folder().resolve("nats-server"), "exit 1");
        Path fresh = FakeServer.write(folder.resolve("bin/nats-server"), "2.14.5");

        assertThat(new BinaryFinder(List.of(cache, path)).find()).isEqualTo(fresh);
        assertThat(entry).exists();
    }

    @Test
    void replacesACacheEntryThatDoesNotRunByADownload() throws Exception {
        Files.createDirectories(cache.folder());
        Path entry = Files.writeString(cache.folder().resolve("nats-server"), "half a download");
        assertThatThrownBy(cache::find).isInstanceOf(BinaryNotFound.class).hasMessageContaining("not executable");

        cache.store(FakeServer.write(folder.resolve("fetched"), "2.14.5"));

        assertThat(cache.find().path()).isEqualTo(entry);
    }

    @Test
    void namesEverySourceAndWhyItFailed() {
        URI nowhere = URI.create("http://127.0.0.1:9/releases");
        ReleaseArchive release = new ReleaseArchive(nowhere, Platform.current(), Map.of(), NOT_LONG, NOT_LONG, cache);
        BinaryFinder finder =
                new BinaryFinder(List.of(new ConfiguredBinary(folder.resolve("gone")), path, cache, release));

        assertThatThrownBy(finder::find)
                .isInstanceOfSatisfying(
                        SluiceException.class, e -> assertThat(e.failure()).isEqualTo(Failure.UNAVAILABLE))
                .hasMessageContaining("sluice.nats.servers")
                .hasMessageContaining("sluice.embedded.binary: " + folder.resolve("gone") + " is not there")
                .hasMessageContaining("PATH: no nats-server in [" + folder.resolve("absent"))
                .hasMessageContaining("cache: nothing in " + cache.folder())
                .hasMessageContaining("release 2.14.5: no checksum is pinned for " + Platform.current());
    }
}
