package dev.sluice.http.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.http.TestBucket;
import dev.sluice.http.TestStore;
import dev.sluice.stream.object.ObjectReader;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.support.HttpExchange;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import dev.sluice.support.Timeouts;
import io.nats.client.api.ObjectMeta;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of objects, and objects larger than any buffer. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
class ObjectRangeIT {
    private static final String DIGITS = "0123456789\n";
    private static final long LARGE = 64 << 20;
    private static final int CHUNK = 128 * 1024;
    /** Half of the default of {@code sluice.object.stall}. */
    private static final Duration STALL = Duration.ofSeconds(5);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    @Inject
    PullSubscriptions pulls;

    @Inject
    StoredPublisher publisher;

    @Inject
    ObjectReader reader;

    private TestStore store;

    @BeforeEach
    void create() throws Exception {
        store = new TestStore(server);
        store.twin.put(
                ObjectMeta.builder("digits").chunkSize(4).build(),
                new ByteArrayInputStream(DIGITS.getBytes(StandardCharsets.UTF_8)));
        store.put(root, "one", DIGITS.getBytes(StandardCharsets.UTF_8));
        store.write("odd", "\"size\":11,\"chunks\":5,\"options\":{\"max_chunk_size\":4}", pieces(1, 4, 0, 2, 4));
        interleave();
    }

    /** Writes two objects of equal chunks at the same time. */
    private void interleave() throws Exception {
        for (byte[] piece : pieces(4, 4, 3)) {
            store.nats.jetStream().publish("$O." + store.name + ".C.idmixed", piece);
            store.nats.jetStream().publish("$O." + store.name + ".C.idother", piece);
        }
        store.write("mixed", "\"size\":11,\"chunks\":3,\"options\":{\"max_chunk_size\":4}");
    }

    private static byte[][] pieces(int... sizes) {
        byte[][] pieces = new byte[sizes.length][];
        int from = 0;
        for (int i = 0; i < sizes.length; i++) {
            pieces[i] = DIGITS.substring(from, from + sizes[i]).getBytes(StandardCharsets.UTF_8);
            from += sizes[i];
        }
        return pieces;
    }

    @AfterEach
    void delete() {
        store.close();
    }

    /** A read survives three replacements: one that is under way when it begins, and two more. */
    @Test
    @Tag("slow")
    void readsARangeOfAnObjectThatIsReplacedAgainAndAgain() throws Exception {
        byte[] large = new byte[1_000_000];
        store.put(root, "replaced", large);
        Semaphore replacements = new Semaphore(0);
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> {
            while (!enough.get()) {
                replacements.acquireUninterruptibly();
                TestBucket.call(() -> {
                    try {
                        return store.put(root, "replaced", large);
                    } catch (IOException | InterruptedException | RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                });
            }
        });

        try {
            for (int i = 0; i < 50; i++) {
                replacements.drainPermits();
                replacements.release(2);
                long began = System.nanoTime();
                assertThat(store.get(root, "replaced", "Range", "bytes=0-9").statusCode())
                        .isEqualTo(206);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(STALL);
            }
        } finally {
            enough.set(true);
            replacements.release();
        }
        replacing.join();
    }

    /** The cases of Go's {@code ServeFileRangeTests}; several ranges are answered with the whole object. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-4 | 206 | 0 | 5",
                "bytes=2- | 206 | 2 | 11",
                "bytes=-5 | 206 | 6 | 11",
                "bytes=3-7 | 206 | 3 | 8",
                "bytes=0-0,-2 | 200 | 0 | 11",
                "bytes=0-1,5-8 | 200 | 0 | 11",
                "bytes=0-1,5- | 200 | 0 | 11",
                "bytes=5-1000 | 206 | 5 | 11",
                "bytes=0-,1-,2-,3-,4- | 200 | 0 | 11",
                "bytes=0-9 | 206 | 0 | 10",
                "bytes=0-10 | 206 | 0 | 11",
                "bytes=0-11 | 206 | 0 | 11",
                "bytes=10-11 | 206 | 10 | 11",
                "bytes=10- | 206 | 10 | 11",
                "bytes=11- | 416 | 0 | 0",
                "bytes=11-12 | 416 | 0 | 0",
                "bytes=12-12 | 416 | 0 | 0",
                "bytes=11-100 | 416 | 0 | 0",
                "bytes=12-100 | 416 | 0 | 0",
                "bytes=100- | 416 | 0 | 0",
                "bytes=100-1000 | 416 | 0 | 0",
                "bytes=-0 | 416 | 0 | 0",
                "bytes=-100 | 206 | 0 | 11",
                "bytes=4-4 | 206 | 4 | 5",
                "bytes=99999999999999999999999- | 416 | 0 | 0",
                "bytes=5-4 | 200 | 0 | 11",
                "bytes=- | 200 | 0 | 11",
                "bytes=a-b | 200 | 0 | 11",
                "lines=1-2 | 200 | 0 | 11"
            })
    void readsARange(String range, int status, int from, int to) throws Exception {
        for (String name : new String[] {"digits", "one", "odd", "mixed"}) {
            HttpResponse<byte[]> answer = store.get(root, name, "Range", range);

            assertThat(answer.statusCode()).as(name).isEqualTo(status);
            if (status == 416) {
                assertThat(answer.headers().firstValue("Content-Range")).hasValue("bytes */11");
            } else {
                assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                        .as(name)
                        .isEqualTo(DIGITS.substring(from, to));
            }
            if (status == 206) {
                assertThat(answer.headers().firstValue("Content-Range"))
                        .hasValue("bytes " + from + "-" + (to - 1) + "/11");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0-", "-1", "5-"})
    void ignoresARangeOfAnEmptyObject(String range) throws Exception {
        store.put(root, "empty", new byte[0]);

        assertThat(store.get(root, "empty", "Range", "bytes=" + range).statusCode())
                .isEqualTo(200);
    }

    @Test
    void readsARangeOnlyIfTheObjectIsUnchanged() throws Exception {
        String tag = store.get(root, "one").headers().firstValue("ETag").orElseThrow();

        assertThat(store.get(root, "one", "Range", "bytes=1-2", "If-Range", tag).statusCode())
                .isEqualTo(206);
        assertThat(store.get(root, "one", "Range", "bytes=1-2", "If-Range", "\"x\"")
                        .statusCode())
                .isEqualTo(200);
        assertThat(store.get(root, "one", "Range", "bytes=1-2", "If-Range", "Thu, 01 Jan 2026 00:00:00 GMT")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void letsCurlContinueADownload(@TempDir Path folder) throws Exception {
        byte[] data = TestStore.random(3 * CHUNK + 1);
        store.put(root, "long", data);
        Path file = Files.write(folder.resolve("file"), Arrays.copyOf(data, CHUNK + 5));
        long before = pulls.counters().delivered();

        Process curl;
        try {
            curl = new ProcessBuilder(
                            "curl",
                            "-fsS",
                            "-C",
                            "-",
                            "-o",
                            file.toString(),
                            "http://localhost:" + root.getPort() + store.path("long"))
                    .inheritIO()
                    .start();
        } catch (IOException e) {
            abort("No curl on the PATH");
            return;
        }

        assertThat(curl.waitFor()).isZero();
        assertThat(Files.readAllBytes(file)).isEqualTo(data);
        assertThat(pulls.counters().delivered() - before).isLessThanOrEqualTo(3 + 2);
    }

    @Test
    void readsNoMoreChunksThanARangeHas() throws Exception {
        byte[] data = TestStore.random(40 * CHUNK);
        store.put(root, "long", data);
        store.get(root, "long", "Range", "bytes=0-0");
        long before = pulls.counters().delivered();

        byte[] part = store.get(root, "long", "Range", "bytes=" + (20 * CHUNK + 7) + "-" + (22 * CHUNK + 6))
                .body();

        assertThat(part).isEqualTo(Arrays.copyOfRange(data, 20 * CHUNK + 7, 22 * CHUNK + 7));
        assertThat(pulls.counters().delivered() - before).isEqualTo(3);
    }

    @Test
    void storesAndReadsAnObjectLargerThanAnyBuffer() throws Exception {
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        CompletableFuture<HttpResponse<byte[]>> upload = CompletableFuture.supplyAsync(() -> TestBucket.call(() -> {
            InputStream body = new DigestInputStream(new RandomBytes(LARGE), sent);
            try {
                return store.send(root, "PUT", store.path("large"), BodyPublishers.ofInputStream(() -> body));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }));
        int most = 0;
        while (!upload.isDone()) {
            most = Math.max(most, publisher.inFlight());
            Thread.onSpinWait();
        }
        assertThat(upload.join().statusCode()).isEqualTo(201);
        assertThat(most).isBetween(1, 16);

        MessageDigest read = MessageDigest.getInstance("SHA-256");
        store.twin.get("large", new DigestOutputStream(OutputStream.nullOutputStream(), read));
        assertThat(read.digest()).isEqualTo(sent.digest());
        assertThat(store.get(root, "large").body()).hasSize((int) LARGE);
    }

    @Test
    void readsNoFasterThanItsClient() throws Exception {
        store.send(root, "PUT", store.path("large"), BodyPublishers.ofInputStream(() -> new RandomBytes(LARGE)));
        long before = pulls.counters().delivered();

        try (HttpExchange slow = new HttpExchange(root.getPort(), 4096)) {
            slow.send("GET " + store.path("large") + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .head();
            assertThat(store.get(root, "one").statusCode()).isEqualTo(200);

            assertThat(pulls.counters().delivered() - before).isLessThan(LARGE / CHUNK / 8);
            await().atMost(Timeouts.LIMIT).until(() -> reader.downloads() == 1);
        }
        await().atMost(Timeouts.LIMIT).until(() -> reader.downloads() == 0);
    }

    /** Random bytes, generated as they are read. */
    private static final class RandomBytes extends InputStream {
        private final Random random = new Random(1);
        private long left;

        RandomBytes(long size) {
            left = size;
        }

        @Override
        public int read() {
            return left-- > 0 ? random.nextInt(256) : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (left <= 0) {
                return -1;
            }
            byte[] bytes = new byte[(int) Math.min(length, left)];
            random.nextBytes(bytes);
            System.arraycopy(bytes, 0, into, from, bytes.length);
            left -= bytes.length;
            return bytes.length;
        }
    }
}
