package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TcpProxy.Direction;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import io.smallrye.mutiny.Multi;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An upload that no longer hears from the server, which still hears it. */
class ObjectStoresIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ObjectStoreName STORE = new ObjectStoreName("media");
    private static final ObjectName NAME = new ObjectName("a");

    private final NatsServer server = NatsServer.started();
    private final TcpProxy proxy = TcpProxy.to(server.port());
    private final NatsLinks links = TestLinks.through(proxy.port(), Map.of("ping-interval", "1m"));
    private final PublishConfig publishing = Settings.of(
            PublishConfig.class, Map.of("sluice.publish.ack-timeout", "500ms", "sluice.publish.deadline", "1s"));
    private final StoredPublisher publisher = new StoredPublisher(links, publishing);
    private final ObjectStores stores = new ObjectStores(
            links,
            publisher,
            publishing,
            Settings.of(ObjectConfig.class, Map.of("sluice.object.timeout", "1s")),
            Settings.of(PullConfig.class, Map.of()));
    private Connection nats;
    private ObjectStore twin;

    @BeforeEach
    void create() throws Exception {
        nats = Nats.connect(server.url());
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(STORE.value()).build());
        twin = nats.objectStore(STORE.value());
        await().atMost(SOON).until(publisher::reachable);
    }

    @AfterEach
    void close() throws Exception {
        nats.close();
        publisher.close();
        links.close();
        proxy.close();
        server.close();
    }

    @Test
    void keepsTheChunksOfAnObjectIfNothingTellsWhetherItIsVisible() throws Exception {
        byte[] content = {1, 2, 3};
        AtomicInteger checks = new AtomicInteger();

        assertThatThrownBy(() -> stores.put(
                                STORE,
                                NAME,
                                Map.of(),
                                present -> {
                                    if (checks.incrementAndGet() == 2) {
                                        // All chunks are stored, and the metadata are sent next.
                                        proxy.halfOpen(Direction.TO_CLIENT);
                                    }
                                    return true;
                                },
                                Multi.createFrom().item(content))
                        .await()
                        .atMost(SOON))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.OUTCOME_UNKNOWN));

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        twin.get(NAME.value(), read);
        assertThat(read.toByteArray()).isEqualTo(content);
    }
}
