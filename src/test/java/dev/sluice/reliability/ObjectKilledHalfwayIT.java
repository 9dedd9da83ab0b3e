package dev.sluice.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.HttpExchange;
import dev.sluice.support.PackagedService;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * The client, the server or Sluice is killed when half of an upload is stored, or half of a download is read. The object
 * that was there stays whole, no chunk of the upload stays behind after the sweep, and a new upload is stored.
 */
@Tag("reliability")
class ObjectKilledHalfwayIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int CHUNK = 128 << 10;
    private static final int CHUNKS = 64;
    private static final int OLD_CHUNKS = 4;
    private static final long OLD_MESSAGES = OLD_CHUNKS + 1;
    /** The sockets of a download hold less than half of it. */
    private static final int LARGE = 256 * CHUNK;

    private static final int RECEIVE_BUFFER = 1 << 16;
    private static final String STORE = "halves";
    private static final String STREAM = "OBJ_" + STORE;
    private static final String PATH = "/v1/object-stores/" + STORE + "/objects/a";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Harness harness;
    private final byte[] before = random(OLD_CHUNKS * CHUNK - 1);
    private final byte[] after = random(CHUNKS * CHUNK);

    ObjectKilledHalfwayIT(TestInfo test) {
        harness = Harness.named("object-" + test.getTestMethod().orElseThrow().getName())
                .with("SLUICE_OBJECT_SWEEP_INTERVAL", "1s")
                .with("SLUICE_OBJECT_SWEEP_AGE", "10s")
                .start();
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> harness.connection()
                                .objectStoreManagement()
                                .create(ObjectStoreConfiguration.builder(STORE)
                                        .storageType(StorageType.File)
                                        .build())
                        != null);
    }

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void uploadWhoseClientIsKilled() throws Exception {
        put(before);
        try (HttpExchange client = client()) {
            sendHalf(client);
        }

        endsWith(before);
        assertThat(metric("sluice_object_abandoned_total ")).isOne();
        assertThat(metric("sluice_object_swept_total ")).isZero();
    }

    @Test
    void uploadWhoseServerIsKilledAndStaysAway() throws Exception {
        put(before);
        try (HttpExchange client = client()) {
            sendHalf(client);
            harness.server().kill();

            assertThat(sendRest(client)).isEqualTo(503);
        }
        harness.server().start();
        harness.instance(0).awaitReady();

        endsWith(before);
        assertThat(metric("sluice_object_swept_total ")).isOne();
    }

    @Test
    void uploadWhoseServerIsKilledAndComesBack() throws Exception {
        put(before);
        int status;
        try (HttpExchange client = client()) {
            sendHalf(client);
            harness.server().kill();
            harness.server().start();

            status = sendRest(client);
        }

        assertThat(status).isEqualTo(200);
        endsWith(after);
    }

    @Test
    void uploadWhoseServiceIsKilled() throws Exception {
        put(before);
        try (HttpExchange client = client()) {
            sendHalf(client);
            harness.instance(0).kill();
        }
        assertThat(messages()).isEqualTo(OLD_MESSAGES + CHUNKS / 2);
        startService();

        endsWith(before);
        assertThat(metric("sluice_object_swept_total ")).isOne();
    }

    @Test
    void downloadWhoseClientIsKilled() throws Exception {
        byte[] large = random(LARGE);
        put(large);
        try (HttpExchange client = downloading()) {
            assertThat(read(client, LARGE / 2)).isEqualTo(Arrays.copyOf(large, LARGE / 2));
        }

        await().atMost(SOON).until(() -> metric("sluice_object_downloads ") == 0);
        await().atMost(SOON).until(() -> harness.connection()
                .jetStreamManagement()
                .getConsumerNames(STREAM)
                .isEmpty());
        endsWith(large);
    }

    @Test
    void downloadWhoseServerIsKilledAndComesBack() throws Exception {
        byte[] large = random(LARGE);
        put(large);
        try (HttpExchange client = downloading()) {
            byte[] half = read(client, LARGE / 2);
            harness.server().kill();
            harness.server().start();

            assertThat(half).isEqualTo(Arrays.copyOf(large, LARGE / 2));
            assertThat(read(client, LARGE)).isEqualTo(Arrays.copyOfRange(large, LARGE / 2, LARGE));
        }
        endsWith(large);
    }

    @Test
    void downloadWhoseServiceIsKilled() throws Exception {
        byte[] large = random(LARGE);
        put(large);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        String tag;
        try (HttpExchange client = downloading()) {
            tag = client.header("ETag");
            got.writeBytes(read(client, LARGE / 2));
            harness.instance(0).kill();

            assertThatThrownBy(() -> {
                        while (true) {
                            got.write(one(client));
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        startService();
        HttpResponse<byte[]> rest = HTTP.send(
                request()
                        .header("Range", "bytes=" + got.size() + "-")
                        .header("If-Range", tag)
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(rest.statusCode()).isEqualTo(206);
        got.writeBytes(rest.body());
        assertThat(got.toByteArray()).isEqualTo(large);
        endsWith(large);
    }

    /** Sends half of the new object and waits until the stream has its chunks. */
    private void sendHalf(HttpExchange client) {
        client.send("PUT " + PATH + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + after.length + "\r\n\r\n")
                .send(Arrays.copyOf(after, after.length / 2));
        await().atMost(SOON).until(() -> messages() == OLD_MESSAGES + CHUNKS / 2);
    }

    private int sendRest(HttpExchange client) {
        return client.send(Arrays.copyOfRange(after, after.length / 2, after.length))
                .head()
                .status();
    }

    /** Requires that the object is whole, now and after the sweep, and that a new one can take its place. */
    private void endsWith(byte[] content) throws Exception {
        assertThat(get()).isEqualTo(content);
        await().atMost(SOON).until(() -> messages() == messages(content));
        assertThat(get()).isEqualTo(content);
        assertThat(twin()).isEqualTo(content);

        byte[] next = random(CHUNK + 1);
        put(next);
        assertThat(get()).isEqualTo(next);
        assertThat(messages()).isEqualTo(messages(next));
    }

    private void startService() {
        harness.instance(0).start(PackagedService.jar());
        harness.instance(0).awaitReady();
    }

    private HttpExchange client() {
        return new HttpExchange(harness.instance(0).port());
    }

    private HttpExchange downloading() {
        HttpExchange client = new HttpExchange(harness.instance(0).port(), RECEIVE_BUFFER);
        assertThat(client.send("GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .head()
                        .status())
                .isEqualTo(200);
        return client;
    }

    /** Returns the next bytes of the body, fewer at its end. */
    private static byte[] read(HttpExchange client, int most) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream(most);
        for (int next = 0; read.size() < most && next >= 0; ) {
            next = client.read();
            if (next >= 0) {
                read.write(next);
            }
        }
        return read.toByteArray();
    }

    private static int one(HttpExchange client) throws IOException {
        int next = client.read();
        if (next < 0) {
            throw new AssertionError("the download is complete");
        }
        return next;
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(harness.instance(0).uri(PATH));
    }

    private void put(byte[] content) throws Exception {
        int status = HTTP.send(
                        request().PUT(BodyPublishers.ofByteArray(content)).build(), BodyHandlers.discarding())
                .statusCode();
        assertThat(status).isIn(200, 201);
    }

    private byte[] get() throws Exception {
        HttpResponse<byte[]> answer = HTTP.send(request().build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    /** Returns the object as the Java client of NATS reads it. */
    private byte[] twin() throws Exception {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        harness.connection().objectStore(STORE).get("a", read);
        return read.toByteArray();
    }

    private long messages() throws Exception {
        return harness.connection()
                .jetStreamManagement()
                .getStreamInfo(STREAM)
                .getStreamState()
                .getMsgCount();
    }

    /** Returns the number of messages of one object: its chunks and its metadata. */
    private static long messages(byte[] content) {
        return (content.length + CHUNK - 1L) / CHUNK + 1;
    }

    private long metric(String name) {
        return Footprint.sum(Footprint.metrics(harness.instance(0)), name);
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }
}
