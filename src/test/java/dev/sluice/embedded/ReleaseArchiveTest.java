package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The release archive is used only if it matches the pinned checksum. The download times out without a response. */
class ReleaseArchiveTest {
    private static final Platform PLATFORM = new Platform("linux", "amd64");
    private static final String ARCHIVE = "/v2/nats-server-v2.14.5-linux-amd64.tar.gz";
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch testOver = new CountDownLatch(1);
    private HttpServer server;
    private BinaryCache cache;

    @BeforeEach
    void setUp() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.setExecutor(threads);
        server.start();
        cache = BinaryCache.in(folder.resolve("cache"));
    }

    @AfterEach
    void tearDown() {
        testOver.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void cachesTheServerOfAnArchiveWithTheRightChecksum() throws Exception {
        byte[] archive = archive();
        serve(ARCHIVE, exchange -> answer(exchange, archive));

        ServerBinary found = release(sha256(archive), LONG, LONG).find();

        assertThat(found).isEqualTo(new ServerBinary(cache.folder().resolve("nats-server"), "2.14.5"));
        assertThat(cache.find()).isEqualTo(found);
    }

    @Test
    void followsTheRedirectOfAReleaseHost() throws Exception {
        byte[] archive = archive();
        serve("/elsewhere", exchange -> answer(exchange, archive));
        serve(ARCHIVE, exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });

        assertThat(release(sha256(archive), LONG, LONG).find().version()).isEqualTo("2.14.5");
    }

    @Test
    void usesNothingOfAnArchiveWithTheWrongChecksum() throws Exception {
        byte[] archive = archive();
        serve(ARCHIVE, exchange -> answer(exchange, archive));
        String pin = "0".repeat(64);

        assertFails(release(pin, LONG, LONG), "has the SHA-256 " + sha256(archive) + ", pinned is " + pin);
        assertThat(cache.folder()).isEmptyDirectory();
    }

    @Test
    void givesUpOnAServerThatNeverAnswers() {
        serve(ARCHIVE, this::hang);

        assertFails(release("any", SHORT, LONG), "HttpTimeoutException");
    }

    @Test
    void givesUpOnAnArchiveThatNeverEnds() {
        serve(ARCHIVE, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[1000]);
            exchange.getResponseBody().flush();
            hang(exchange);
        });

        assertFails(release("any", LONG, SHORT), "took longer than");
    }

    @Test
    void reportsAMissingArchive() {
        serve(ARCHIVE, exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });

        assertFails(release("any", LONG, LONG), "answers 404");
    }

    @Test
    void reportsARefusedConnection() {
        server.stop(0);

        assertFails(release("any", LONG, LONG), "ConnectException");
    }

    @Test
    void isUnavailableWithoutAPinnedChecksumForThePlatform() {
        ReleaseArchive release =
                new ReleaseArchive(url(), new Platform("plan9", "mips"), ReleaseArchive.PINS, LONG, LONG, cache);

        assertFails(release, "no checksum is pinned for plan9-mips");
    }

    @Test
    void reportsAnArchiveWithoutAServer() throws Exception {
        byte[] archive = archiveOf("README.md");
        serve(ARCHIVE, exchange -> answer(exchange, archive));

        assertFails(release(sha256(archive), LONG, LONG), "nats-server is not in the archive");
    }

    @Test
    void reportsBytesThatAreNotAnArchive() throws Exception {
        byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
        serve(ARCHIVE, exchange -> answer(exchange, text));

        assertFails(release(sha256(text), LONG, LONG), "cannot unpack the archive");
    }

    @Test
    void reportsACacheThatCannotBeWritten() throws Exception {
        Files.writeString(folder.resolve("cache"), "a file where a folder has to be");

        assertFails(release("any", LONG, LONG), "cannot write to the cache");
    }

    private ReleaseArchive release(String pin, Duration connectTimeout, Duration downloadTimeout) {
        return new ReleaseArchive(
                url(), PLATFORM, Map.of(PLATFORM.toString(), pin), connectTimeout, downloadTimeout, cache);
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v2");
    }

    private void serve(String path, HttpHandler handler) {
        server.createContext(path, handler);
    }

    private void hang(HttpExchange exchange) {
        try {
            testOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void assertFails(ReleaseArchive release, String reason) {
        assertThatThrownBy(release::find).isInstanceOf(BinaryNotFound.class).hasMessageContaining(reason);
    }

    /** Has the layout of the official archives: one folder with the license, the readme and the server. */
    private byte[] archive() throws Exception {
        return archiveOf("LICENSE", "README.md", "nats-server");
    }

    private byte[] archiveOf(String... names) throws Exception {
        Path top = Files.createDirectories(folder.resolve("nats-server-v2.14.5-linux-amd64"));
        for (String name : names) {
            FakeServer.write(top.resolve(name), "2.14.5");
        }
        Path archive = folder.resolve("made-up.tar.gz");
        Process tar = new ProcessBuilder(
                        "tar",
                        "-czf",
                        archive.toString(),
                        "-C",
                        folder.toString(),
                        top.getFileName().toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return Files.readAllBytes(archive);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
