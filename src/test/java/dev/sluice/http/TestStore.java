package dev.sluice.http;

import dev.sluice.support.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import java.util.UUID;

/** An object store for one test, created by another client, and that client's view of it. */
final class TestStore implements AutoCloseable {
    final Connection nats;
    final String name = "S" + UUID.randomUUID().toString().substring(0, 8);
    final ObjectStore twin;

    TestStore(NatsServer server) {
        nats = TestBucket.call(() -> Nats.connect(server.url()));
        TestBucket.call(() -> nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(name)
                        .storageType(StorageType.Memory)
                        .build()));
        twin = TestBucket.call(() -> nats.objectStore(name));
    }

    boolean since(String version) {
        return nats.getServerInfo().isSameOrNewerThanVersion(version);
    }

    String stream() {
        return "OBJ_" + name;
    }

    /** Returns the path of an object whose name is already encoded. */
    String object(String encoded) {
        return "/v1/object-stores/" + name + "/objects/" + encoded;
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
