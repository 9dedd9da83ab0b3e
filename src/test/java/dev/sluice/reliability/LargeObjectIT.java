package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.TestConnections;
import io.nats.client.Connection;
import io.nats.client.ObjectStore;
import io.nats.client.Options;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An object of 1 GiB, up and down through an instance with a heap of 256 MiB. Prints the throughput and the CPU time beside
 * those of the Java client of NATS, alternating on the same server.
 */
@Tag("reliability")
class LargeObjectIT {
    private static final Logger LOG = Logger.getLogger(LargeObjectIT.class);
    private static final long LARGE = 1L << 30;
    private static final long SMALL = 50_000_000;
    private static final long MAX_GROWTH = 64L << 20;
    private static final int CHUNK = 128 << 10;
    private static final int ROUNDS = 2;
    private static final Path FOLDER = Path.of("target", "reliability", "large-object");

    private final NatsServer server = NatsServer.started();
    private final AtomicLong resident = new AtomicLong();
    private final ScheduledExecutorService sampling = Executors.newSingleThreadScheduledExecutor();
    private final StringBuilder figures = new StringBuilder();
    private Connection nats;
    private PackagedService service;

    @BeforeEach
    void serve() {
        nats = TestConnections.open(Options.builder().server(server.url()));
        service = PackagedService.ready(server, FOLDER);
    }

    @AfterEach
    void close() throws InterruptedException {
        sampling.shutdownNow();
        service.close();
        nats.close();
        server.close();
    }

    @Test
    void growsByAFewMebibytesAndReadsOnlyTheChunksOfARange() throws Exception {
        ObjectStore here = store("here");
        ObjectStore there = store("there");
        upload(SMALL);
        download(SMALL);
        long before = Footprint.resident(service);
        sampling.scheduleAtFixedRate(
                () -> resident.accumulateAndGet(Footprint.resident(service), Math::max), 0, 100, TimeUnit.MILLISECONDS);
        for (int round = 1; round <= ROUNDS; round++) {
            Cost theirs = cost(() -> there.put("large", new Content(LARGE)));
            Cost ours = cost(() -> upload(LARGE));
            tell(round, "put", theirs, ours);
            theirs = cost(() -> there.get("large", OutputStream.nullOutputStream()));
            ours = cost(() -> copy(open("GET").getInputStream(), OutputStream.nullOutputStream()));
            tell(round, "get", theirs, ours);
        }
        download(LARGE);
        long read = bytesRead();
        byte[] part = range(CHUNK - 512, 1024);

        assertThat(part).isEqualTo(new Content(LARGE).range(CHUNK - 512, 1024));
        await().during(Duration.ofSeconds(1)).until(() -> bytesRead() - read <= 2 * CHUNK);
        assertThat(here.getInfo("large").getDigest()).isEqualTo("SHA-256=" + digest(LARGE));
        long grown = resident.get() - before;
        figures.append("resident memory: ")
                .append(Footprint.mebibytes(before))
                .append(" after 50 MB, at most ")
                .append(Footprint.mebibytes(resident.get()))
                .append("; 1 KiB across two chunks: ")
                .append(bytesRead() - read)
                .append(" bytes read\n");
        Files.writeString(FOLDER.resolve("result.txt"), figures);
        LOG.infof("An object of 1 GiB\n%s", figures);
        assertThat(grown).as(figures.toString()).isLessThanOrEqualTo(MAX_GROWTH);
    }

    private void tell(int round, String what, Cost theirs, Cost ours) {
        figures.append("round %d, %s: jnats %.1f s, Sluice %.1f s, %.0f MiB/s, ratio %.2f; CPU %.1f s and %.1f s%n"
                .formatted(
                        round,
                        what,
                        theirs.seconds(),
                        ours.seconds(),
                        (LARGE >> 20) / ours.seconds(),
                        theirs.seconds() / ours.seconds(),
                        theirs.cpu(),
                        ours.cpu()));
    }

    private ObjectStore store(String name) throws Exception {
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(name)
                        .storageType(StorageType.File)
                        .build());
        return nats.objectStore(name);
    }

    private void upload(long size) throws Exception {
        HttpURLConnection exchange = open("PUT");
        exchange.setDoOutput(true);
        exchange.setFixedLengthStreamingMode(size);
        try (InputStream content = new Content(size);
                OutputStream body = exchange.getOutputStream()) {
            copy(content, body);
        }
        assertThat(exchange.getResponseCode()).isIn(200, 201);
        try (InputStream answer = exchange.getInputStream()) {
            assertThat(new ObjectMapper().readTree(answer).path("size").longValue())
                    .isEqualTo(size);
        }
    }

    private void download(long size) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        HttpURLConnection exchange = open("GET");
        try (InputStream body = exchange.getInputStream();
                OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            assertThat(copy(body, out)).isEqualTo(size);
        }
        assertThat(exchange.getHeaderField("ETag"))
                .isEqualTo("\"SHA-256=" + Base64.getUrlEncoder().encodeToString(digest.digest()) + "\"");
    }

    private byte[] range(long from, int length) throws Exception {
        HttpURLConnection exchange = open("GET");
        exchange.setRequestProperty("Range", "bytes=" + from + "-" + (from + length - 1));
        assertThat(exchange.getResponseCode()).isEqualTo(206);
        try (InputStream body = exchange.getInputStream()) {
            return body.readAllBytes();
        }
    }

    private HttpURLConnection open(String method) throws IOException {
        HttpURLConnection exchange = (HttpURLConnection)
                service.uri("/v1/object-stores/here/objects/large").toURL().openConnection();
        exchange.setRequestMethod(method);
        return exchange;
    }

    private long bytesRead() {
        return Footprint.sum(Footprint.metrics(service), "sluice_object_read_bytes_total ");
    }

    private static String digest(long size) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream content = new Content(size)) {
            copy(content, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        }
        return Base64.getUrlEncoder().encodeToString(digest.digest());
    }

    /** Copies in pieces as large as those of curl. The pieces of the JDK are 8 KiB. */
    private static long copy(InputStream from, OutputStream to) throws IOException {
        byte[] piece = new byte[64 << 10];
        long copied = 0;
        for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
            to.write(piece, 0, count);
            copied += count;
        }
        return copied;
    }

    private static Cost cost(Action action) throws Exception {
        double cpu = cpu();
        long begin = System.nanoTime();
        action.run();
        return new Cost((System.nanoTime() - begin) / 1e9, cpu() - cpu);
    }

    /** Returns the CPU time of this process, the server and the service. */
    private static double cpu() {
        ProcessHandle here = ProcessHandle.current();
        return Stream.concat(Stream.of(here), here.descendants())
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .mapToDouble(time -> time.toMillis() / 1e3)
                .sum();
    }

    /** @param cpu seconds of CPU of all processes, which are on the same machine */
    private record Cost(double seconds, double cpu) {}

    private interface Action {
        void run() throws Exception;
    }

    /** A content of any size that takes no memory: a block of random bytes, over and over. */
    private static final class Content extends InputStream {
        /** No multiple of the size of a chunk, so that no two chunks are equal. */
        private static final byte[] BLOCK = new byte[(1 << 20) + 1];

        static {
            new Random(1).nextBytes(BLOCK);
        }

        private final long size;
        private long position;

        Content(long size) {
            this.size = size;
        }

        @Override
        public int read() {
            return position == size ? -1 : BLOCK[(int) (position++ % BLOCK.length)] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (position == size) {
                return length == 0 ? 0 : -1;
            }
            int from = (int) (position % BLOCK.length);
            int count = (int) Math.min(Math.min(length, BLOCK.length - from), size - position);
            System.arraycopy(BLOCK, from, into, offset, count);
            position += count;
            return count;
        }

        /** Returns a part near the beginning. */
        byte[] range(int from, int length) {
            return Arrays.copyOfRange(BLOCK, from, from + length);
        }
    }
}
