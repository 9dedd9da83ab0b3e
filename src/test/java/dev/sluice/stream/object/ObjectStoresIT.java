package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.TcpProxy;
import dev.sluice.support.TcpProxy.Direction;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the chunks of an upload stay, and when their object becomes visible. */
class ObjectStoresIT {
    private static final ObjectStoreName STORE = new ObjectStoreName("media");
    private static final Duration AGE = Duration.ofSeconds(1);
    private static final ObjectName NAME = new ObjectName("a");

    private final NatsServer server = NatsServer.started();
    private final TcpProxy proxy = TcpProxy.to(server.port());
    private final NatsLinks links = TestLinks.through(proxy.port(), Map.of("ping-interval", "2m"));
    private final PublishConfig publishing = Settings.of(
            PublishConfig.class, Map.of("sluice.publish.ack-timeout", "500ms", "sluice.publish.deadline", "1s"));
    private final StoredPublisher publisher = TestPublishing.publisher(links.publishing(), publishing);
    private final ObjectStores stores = new ObjectStores(
            links,
            new JetStreamApis(links, Settings.of(PullConfig.class, Map.of())),
            publisher,
            publishing,
            Settings.of(
                    ObjectConfig.class,
                    Map.of("sluice.object.timeout", "1s", "sluice.object.sweep.age", AGE.toSeconds() + "s")));
    private Connection nats;
    private ObjectStore twin;

    @BeforeEach
    void create() throws Exception {
        nats = Nats.connect(server.url());
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder(STORE.value()).build());
        twin = nats.objectStore(STORE.value());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @Test
    void chunksOfADeletedStoreAreNotLeftOver() {
        stores.purge(new ObjectStoreName("deleted"), new ObjectId("id")).await().atMost(Timeouts.LIMIT);

        assertThat(stores.counters().unpurged()).isZero();
    }

    @Test
    void anObjectWithoutMetadataIsNotPresent() throws Exception {
        twin.put(NAME.value(), new byte[] {7});
        ObjectInfo object =
                stores.find(STORE, NAME).await().atMost(Timeouts.LIMIT).orElseThrow();
        nats.jetStreamManagement().purgeStream(STORE.stream());

        assertThat(stores.present(STORE, object).await().atMost(Timeouts.LIMIT)).isFalse();
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
                                    return Uni.createFrom().item(true);
                                },
                                Multi.createFrom().item(content),
                                new AnyContent())
                        .await()
                        .atMost(Timeouts.LIMIT))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.OUTCOME_UNKNOWN));

        assertThat(read()).isEqualTo(content);
    }

    @Test
    void isNotVisibleWithoutTheChunksThatASweepHasRemoved() throws Exception {
        twin.put(NAME.value(), new byte[] {7});
        UnicastProcessor<byte[]> body = UnicastProcessor.create();
        CompletableFuture<ObjectStores.Stored> upload = stores.put(
                        STORE, NAME, Map.of(), any -> Uni.createFrom().item(true), body, new AnyContent())
                .subscribeAsCompletionStage();
        body.onNext(new byte[] {1});
        await().atMost(Timeouts.LIMIT).until(() -> stores.counters().written() == 1);
        nats.jetStreamManagement().deleteMessage(STORE.stream(), 3);
        await().atMost(Timeouts.LIMIT).during(AGE).until(() -> !upload.isDone());

        body.onComplete();

        assertThatThrownBy(
                        () -> Uni.createFrom().completionStage(upload).await().atMost(Timeouts.LIMIT))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.UNAVAILABLE));
        assertThat(read()).containsExactly(7);
    }

    @Test
    void isVisibleAfterALongUploadThatHasAllItsChunks() throws Exception {
        UnicastProcessor<byte[]> body = UnicastProcessor.create();
        CompletableFuture<ObjectStores.Stored> upload = stores.put(
                        STORE, NAME, Map.of(), any -> Uni.createFrom().item(true), body, new AnyContent())
                .subscribeAsCompletionStage();
        body.onNext(new byte[] {1});
        await().atMost(Timeouts.LIMIT).during(AGE).until(() -> !upload.isDone());

        body.onNext(new byte[] {2});
        body.onComplete();

        await().atMost(Timeouts.LIMIT).until(upload::isDone);
        assertThat(upload).isCompleted();
        assertThat(read()).containsExactly(1, 2);
    }

    /** Returns the object as another client reads it. */
    private byte[] read() throws Exception {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        twin.get(NAME.value(), read);
        return read.toByteArray();
    }
}
