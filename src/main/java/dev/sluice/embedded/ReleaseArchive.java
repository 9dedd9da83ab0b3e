package dev.sluice.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The official release archive, pinned by version and, per platform, by SHA-256. An archive from {@code folder} with a
 * different checksum is rejected. A platform without a pinned checksum cannot use this source.
 */
record ReleaseArchive(
        URI folder,
        Platform platform,
        Map<String, String> pins,
        Duration connectTimeout,
        Duration downloadTimeout,
        BinaryCache cache)
        implements BinarySource {
    static final String VERSION = "2.14.5";
    static final String FOLDER = "https://github.com/nats-io/nats-server/releases/download/v" + VERSION;

    /** SHA-256 of the archives of {@link #VERSION}, as pinned in the build file of the official container image. */
    static final Map<String, String> PINS = Map.of(
            "linux-amd64", "5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355",
            "linux-arm64", "673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c");

    private static final int OK = 200;

    static ReleaseArchive of(EmbeddedConfig config, BinaryCache cache) {
        return new ReleaseArchive(
                config.releaseUrl(),
                Platform.current(),
                PINS,
                config.connectTimeout(),
                config.downloadTimeout(),
                cache);
    }

    @Override
    public String name() {
        return "release " + VERSION;
    }

    @Override
    public ServerBinary find() throws BinaryNotFound, InterruptedException {
        String pin = pins.get(platform.toString());
        if (pin == null) {
            throw new BinaryNotFound("no checksum is pinned for " + platform);
        }
        try (TemporaryFolder workplace = cache.workplace()) {
            Path archive = workplace.path().resolve("archive");
            download(archive);
            check(archive, pin);
            Path binary = workplace.path().resolve(Platform.EXECUTABLE);
            unpack(archive, binary);
            return cache.store(binary);
        }
    }

    private URI address() {
        return URI.create(folder + "/nats-server-v" + VERSION + "-" + platform + ".tar.gz");
    }

    private void download(Path archive) throws BinaryNotFound, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(connectTimeout)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        HttpRequest request =
                HttpRequest.newBuilder(address()).timeout(connectTimeout).build();
        CompletableFuture<HttpResponse<Path>> answer = client.sendAsync(request, BodyHandlers.ofFile(archive));
        try {
            HttpResponse<Path> response = answer.get(downloadTimeout.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != OK) {
                throw new BinaryNotFound(address() + " answers " + response.statusCode());
            }
        } catch (ExecutionException e) {
            throw new BinaryNotFound(address() + ": " + e.getCause());
        } catch (TimeoutException e) {
            throw new BinaryNotFound(address() + " took longer than " + downloadTimeout.toSeconds() + " s");
        } finally {
            answer.cancel(true);
        }
    }

    private void check(Path archive, String pin) throws BinaryNotFound {
        String sha256 = sha256(archive);
        if (!sha256.equals(pin)) {
            throw new BinaryNotFound(address() + " has the SHA-256 " + sha256 + ", pinned is " + pin);
        }
    }

    private static String sha256(Path file) throws BinaryNotFound {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[64 * 1024];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new BinaryNotFound("cannot check the archive: " + e);
        }
    }

    private static void unpack(Path archive, Path binary) throws BinaryNotFound {
        try {
            TarGz.extract(archive, Platform.EXECUTABLE, binary);
            if (!binary.toFile().setExecutable(true)) {
                throw new IOException(binary + " cannot be made executable");
            }
        } catch (IOException e) {
            throw new BinaryNotFound("cannot unpack the archive: " + e);
        }
    }
}
