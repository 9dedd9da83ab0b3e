package dev.sluice.http;

import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.impl.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.UUID;

/** An object store for one test, created by another client, that client's view of it, and requests for its objects. */
public final class TestStore implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    public final Connection nats;
    public final String name = "S" + UUID.randomUUID().toString().substring(0, 8);
    public final ObjectStore twin;

    public TestStore(NatsServer server) {
        nats = TestBucket.call(() -> Nats.connect(server.url()));
        TestBucket.call(() -> nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(name)
                        .storageType(StorageType.Memory)
                        .build()));
        twin = TestBucket.call(() -> nats.objectStore(name));
    }

    public boolean since(String version) {
        return nats.getServerInfo().isSameOrNewerThanVersion(version);
    }

    public String stream() {
        return "OBJ_" + name;
    }

    /** Returns the path of an object. */
    public String path(String object) {
        String encoded = URLEncoder.encode(object, StandardCharsets.UTF_8).replace("+", "%20");
        return "/v1/object-stores/" + name + "/objects/" + encoded.replace(".", "%2E");
    }

    public HttpResponse<byte[]> get(URI root, String object, String... headers) throws Exception {
        return send(root, "GET", path(object), BodyPublishers.noBody(), headers);
    }

    public HttpResponse<byte[]> put(URI root, String object, byte[] data, String... headers) throws Exception {
        return send(root, "PUT", path(object), BodyPublishers.ofByteArray(data), headers);
    }

    public HttpResponse<byte[]> send(URI root, String method, String path, BodyPublisher body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + root.getPort() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Returns the object as the other client reads it. */
    public byte[] read(String object) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        twin.get(object, out);
        return out.toByteArray();
    }

    /** Stores chunks and metadata as they are given. */
    public void write(String object, String metadata, byte[]... chunks) throws Exception {
        for (byte[] chunk : chunks) {
            nats.jetStream().publish("$O." + name + ".C.id" + object, chunk);
        }
        describe(object, "id" + object, metadata);
    }

    /** Stores metadata that name these chunks. */
    public void describe(String object, String id, String metadata) throws IOException, JetStreamApiException {
        nats.jetStream()
                .publish(
                        metadata(object),
                        new Headers().put("Nats-Rollup", "sub"),
                        ("{\"name\":\"" + object + "\",\"bucket\":\"" + name + "\",\"nuid\":\"" + id + "\"," + metadata
                                        + "}")
                                .getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the subject of the metadata of an object. */
    public String metadata(String object) {
        return "$O." + name + ".M." + Base64.getUrlEncoder().encodeToString(object.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the number of stored messages: one for each chunk, and one for the metadata of each object. */
    public long messages() {
        return TestBucket.call(() -> nats.jetStreamManagement()
                .getStreamInfo(stream())
                .getStreamState()
                .getMsgCount());
    }

    public static byte[] random(int size) {
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);
        return data;
    }

    @Override
    public void close() {
        TestBucket.call(() -> {
            if (nats.objectStoreManagement().getBucketNames().contains(name)) {
                nats.objectStoreManagement().delete(name);
            }
            nats.close();
            return null;
        });
    }
}
