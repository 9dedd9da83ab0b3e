package dev.sluice.http.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.TestBucket;
import dev.sluice.support.NatsServer;
import dev.sluice.support.NatsServerResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Increments by compare-and-set that contest each other: none is lost, and none counts twice. */
@QuarkusTest
@QuarkusTestResource(NatsServerResource.class)
@Tag("reliability")
class ContestedIncrementsIT {
    private static final Logger LOG = Logger.getLogger(ContestedIncrementsIT.class);
    private static final int INCREMENTS = Integer.getInteger("increments", 100_000);
    private static final int CONNECTIONS = 32;
    private static final int COUNTERS = 8;
    private static final Duration TIMEOUT = Duration.ofMinutes(20);

    @NatsServerResource.Server
    NatsServer server;

    @TestHTTPResource("/")
    URI root;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private HttpClient http;
    private TestBucket bucket;

    @BeforeEach
    void create() {
        bucket = new TestBucket(server);
        IntStream.range(0, COUNTERS).forEach(i -> TestBucket.call(() -> bucket.twin.put("n" + i, "0")));
        http = vertx.createHttpClient(
                new HttpClientOptions().setMaxPoolSize(CONNECTIONS).setDefaultPort(root.getPort()));
    }

    @AfterEach
    void close() {
        bucket.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void sumEqualsTheAcknowledgedIncrements() throws Exception {
        long began = System.nanoTime();
        CompletableFuture<?>[] clients = IntStream.range(0, CONNECTIONS)
                .mapToObj(client -> next().toCompletionStage().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);

        CompletableFuture.allOf(clients).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);

        LOG.infof(
                "%d increments, %d that another one was faster than, in %.1f s",
                acknowledged.get(), lost.get(), (System.nanoTime() - began) / 1e9);
        long sum = IntStream.range(0, COUNTERS)
                .mapToLong(i -> Long.parseLong(
                        TestBucket.call(() -> bucket.twin.get("n" + i).getValueAsString())))
                .sum();
        assertThat(acknowledged).hasValue(INCREMENTS);
        assertThat(sum).isEqualTo(INCREMENTS);
    }

    private Future<Void> next() {
        return begun.getAndIncrement() < INCREMENTS
                ? increment("n" + ThreadLocalRandom.current().nextInt(COUNTERS)).compose(done -> next())
                : Future.succeededFuture();
    }

    /** Reads and writes until no other client was faster. */
    private Future<Void> increment(String counter) {
        return http.request(HttpMethod.GET, bucket.key(counter))
                .compose(HttpClientRequest::send)
                .compose(read -> read.body().compose(value -> write(counter, read.getHeader("ETag"), value)))
                .compose(status -> switch (status) {
                    case 200 -> {
                        acknowledged.incrementAndGet();
                        yield Future.succeededFuture();
                    }
                    case 412 -> {
                        lost.incrementAndGet();
                        yield increment(counter);
                    }
                    default -> Future.failedFuture("answered " + status);
                });
    }

    private Future<Integer> write(String counter, String tag, Buffer value) {
        String next = Long.toString(Long.parseLong(value.toString()) + 1);
        return http.request(HttpMethod.PUT, bucket.key(counter))
                .compose(request -> request.putHeader("If-Match", tag).send(Buffer.buffer(next)))
                .compose(answer -> answer.body().map(body -> answer.statusCode()));
    }
}
