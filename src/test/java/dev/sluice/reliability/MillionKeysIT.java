package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.NatsServer;
import dev.sluice.support.PackagedService;
import dev.sluice.support.TestConnections;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.KeyValue;
import io.nats.client.Options;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A listing of a bucket of 1,000,000 keys that change, by an instance with a heap of 256 MiB. */
@Tag("reliability")
class MillionKeysIT {
    private static final Logger LOG = Logger.getLogger(MillionKeysIT.class);
    private static final int KEYS = 1_000_000;
    private static final int UNACKNOWLEDGED = 4_000;
    private static final long MAX_GROWTH = 64L << 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Path FOLDER = Path.of("target", "reliability", "million-keys");

    private final NatsServer server = NatsServer.started();
    private final AtomicLong resident = new AtomicLong();
    private final ScheduledExecutorService sampling = Executors.newSingleThreadScheduledExecutor();
    private final HttpClient http = HttpClient.newHttpClient();
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
    void listsEachKeyOnceInBoundedMemory() throws Exception {
        KeyValue bucket = fill();
        list(); // the heap grows to what a listing needs
        long before = Footprint.resident(service);
        sampling.scheduleAtFixedRate(
                () -> resident.accumulateAndGet(Footprint.resident(service), Math::max), 0, 100, TimeUnit.MILLISECONDS);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Long> changes = CompletableFuture.supplyAsync(() -> change(bucket, over));
        long begin = System.nanoTime();
        try {
            Listing listed = list();

            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
            over.set(true);
            LOG.infof(
                    "1,000,000 keys listed in %d s, %d changes meanwhile, resident memory %s before and at most %s",
                    seconds, changes.join(), Footprint.mebibytes(before), Footprint.mebibytes(resident.get()));
            assertThat(listed.missing()).isZero();
            assertThat(listed.repeated).isZero();
            assertThat(resident.get() - before).isLessThanOrEqualTo(MAX_GROWTH);
        } finally {
            over.set(true);
        }
    }

    private KeyValue fill() throws Exception {
        nats.keyValueManagement()
                .create(KeyValueConfiguration.builder("MILLION")
                        .storageType(StorageType.Memory)
                        .build());
        JetStream stream = nats.jetStream();
        Deque<CompletableFuture<PublishAck>> open = new ArrayDeque<>();
        for (int i = 0; i < KEYS; i++) {
            open.add(stream.publishAsync("$KV.MILLION.key." + i, new byte[10]));
            if (open.size() == UNACKNOWLEDGED) {
                open.remove().get();
            }
        }
        for (CompletableFuture<PublishAck> last : open) {
            last.get();
        }
        return nats.keyValue("MILLION");
    }

    /** Puts keys of the whole bucket, one after the other, until it is over. Returns their number. */
    private static long change(KeyValue bucket, AtomicBoolean over) {
        long changes = 0;
        try {
            for (int i = 0; !over.get(); i = (i + 7_919) % KEYS) {
                bucket.put("key." + i, "changed");
                changes++;
            }
        } catch (Exception e) {
            throw new AssertionError("a change failed", e);
        }
        return changes;
    }

    private Listing list() throws Exception {
        HttpResponse<InputStream> response = http.send(
                HttpRequest.newBuilder(service.uri("/v1/buckets/MILLION/keys"))
                        .header("Accept", "application/x-ndjson")
                        .timeout(TIMEOUT)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        Listing listed = new Listing();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(listed::add);
        }
        return listed;
    }

    /** The numbers of the keys of a listing. */
    private static final class Listing {
        private static final String BEFORE = "{\"key\":\"key.";
        private static final String AFTER = "\"}";

        private final BitSet keys = new BitSet(KEYS);
        private int repeated;

        void add(String line) {
            int key = Integer.parseInt(line.substring(BEFORE.length(), line.length() - AFTER.length()));
            if (keys.get(key)) {
                repeated++;
            }
            keys.set(key);
        }

        int missing() {
            return KEYS - keys.cardinality();
        }
    }
}
