package dev.sluice.stream.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.nats.NatsLinks;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.publish.TestPublishing;
import dev.sluice.stream.pull.PullConfig;
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.TestReplay;
import dev.sluice.support.NatsCluster;
import dev.sluice.support.Settings;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Objects of a replicated store whose stream loses its leader halfway through an upload and a download. */
@Tag("slow")
class ObjectClusterIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final ObjectStoreName STORE = ObjectStoreName.of("media").orElseThrow();
    private static final ObjectName NAME = new ObjectName("video");
    private static final int CHUNKS = 64;

    /** How the stream loses its leader. */
    private enum Loss {
        KILLED,
        STEPS_DOWN
    }

    private final NatsCluster cluster = NatsCluster.started();
    private final NatsLinks links = TestLinks.to(cluster);
    private final PullConfig pulls =
            Settings.of(PullConfig.class, Map.of("sluice.pull.heartbeat", "500ms", "sluice.pull.api-timeout", "1s"));
    private final JetStreamApis jetStream = new JetStreamApis(links, pulls);
    private final PublishConfig publishing = Settings.of(PublishConfig.class, Map.of());
    private final ObjectConfig config = Settings.of(ObjectConfig.class, Map.of("sluice.object.sweep.age", "1s"));
    private final StoredPublisher publisher = TestPublishing.publisher(links.publishing(), publishing);
    private ObjectStores stores;
    private ObjectStore twin;

    @BeforeEach
    void create() throws Exception {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> cluster.connection()
                                .objectStoreManagement()
                                .create(ObjectStoreConfiguration.builder(STORE.value())
                                        .replicas(3)
                                        .storageType(StorageType.File)
                                        .build())
                        != null);
        cluster.awaitCurrent(STORE.stream());
        twin = cluster.connection().objectStore(STORE.value());
        await().atMost(SOON).until(publisher::reachable);
        stores = new ObjectStores(links, jetStream, publisher, publishing, config);
    }

    @AfterEach
    void close() {
        publisher.close();
        links.close();
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource
    void holdsEitherTheOldOrTheNewObjectIfTheLeaderIsLostDuringAnUpload(Loss loss) throws Exception {
        int size = stores.chunkSize();
        byte[] before = random(3 * size + 1);
        byte[] after = random(CHUNKS * size);
        twin.put(NAME.value(), before);
        long old = messages();
        UnicastProcessor<byte[]> body = UnicastProcessor.create();
        CompletableFuture<ObjectStores.Stored> upload = stores.put(
                        STORE, NAME, Map.of(), any -> Uni.createFrom().item(true), body, new AnyContent())
                .subscribeAsCompletionStage();
        send(body, after, 0, CHUNKS / 2);
        await().atMost(SOON).until(() -> messages() == old + CHUNKS / 2);

        String lost = lose(loss);
        send(body, after, CHUNKS / 2, CHUNKS);
        body.onComplete();
        await().atMost(SOON).until(upload::isDone);
        restore(loss, lost);

        boolean stored = !upload.isCompletedExceptionally();
        assertThat(read()).isEqualTo(stored ? after : before);
        if (stored) {
            assertThat(upload.join().object().digest()).isEqualTo(digest(after));
        }
        await().atMost(SOON).pollInterval(Duration.ofSeconds(1)).until(() -> {
            sweep();
            return messages() == (stored ? CHUNKS : 4) + 1;
        });
        assertThat(read()).isEqualTo(stored ? after : before);
    }

    @ParameterizedTest
    @EnumSource
    void readsAnObjectIfTheLeaderIsLostDuringTheDownload(Loss loss) throws Exception {
        byte[] content = random(CHUNKS * stores.chunkSize());
        twin.put(NAME.value(), content);
        ObjectInfo object = stores.find(STORE, NAME).await().atMost(SOON).orElseThrow();
        ObjectReader.Content whole =
                new ObjectReader(new PullSubscriptions(links, jetStream, pulls), stores, config).whole(STORE, object);
        AssertSubscriber<byte[]> download = whole.data().subscribe().withSubscriber(AssertSubscriber.create());
        download.awaitNextItems(CHUNKS / 2, SOON);

        String lost = lose(loss);
        download.awaitNextItems(CHUNKS / 2, SOON);
        download.cancel();
        restore(loss, lost);

        ByteArrayOutputStream read = new ByteArrayOutputStream();
        download.getItems().forEach(read::writeBytes);
        assertThat(read.toByteArray()).isEqualTo(content);
        assertThat(object.digest()).isEqualTo(digest(content));
    }

    /** Returns the server that led the stream. */
    private String lose(Loss loss) {
        String leader = cluster.awaitStreamLeader(STORE.stream());
        if (loss == Loss.KILLED) {
            cluster.server(leader).kill();
        } else {
            assertThat(cluster.stepDownStream(STORE.stream())).isTrue();
        }
        return leader;
    }

    private void restore(Loss loss, String lost) {
        if (loss == Loss.KILLED) {
            cluster.server(lost).start();
        }
        cluster.awaitCurrent(STORE.stream());
    }

    private static void send(UnicastProcessor<byte[]> body, byte[] content, int from, int to) {
        int size = content.length / CHUNKS;
        for (int i = from; i < to; i++) {
            body.onNext(Arrays.copyOfRange(content, i * size, (i + 1) * size));
        }
    }

    private void sweep() {
        Replay replay = TestReplay.through(links);
        new OrphanSweep(
                        new ObjectStoreCatalog(jetStream, config),
                        stores,
                        new ObjectListing(replay, config),
                        replay,
                        config)
                .run()
                .await()
                .atMost(SOON);
    }

    /** Returns the object as the other client reads it, which checks the digest. */
    private byte[] read() throws Exception {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        twin.get(NAME.value(), read);
        return read.toByteArray();
    }

    private long messages() throws Exception {
        return cluster.connection()
                .jetStreamManagement()
                .getStreamInfo(STORE.stream())
                .getStreamState()
                .getMsgCount();
    }

    private static String digest(byte[] content) {
        return "SHA-256="
                + Base64.getUrlEncoder().encodeToString(Chunks.sha256().digest(content));
    }

    private static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }
}
