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
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.SeenNames;
import dev.sluice.stream.replay.TestReplay;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.ObjectStore;
import io.nats.client.api.ObjectStoreConfiguration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep removes from object stores, and what it leaves. */
class OrphanSweepIT {
    private static final int MOST = 2;

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final JetStreamApis jetStream = new JetStreamApis(links, Settings.of(PullConfig.class, Map.of()));
    private final PublishConfig publishing = Settings.of(PublishConfig.class, Map.of());
    private final StoredPublisher publisher = TestPublishing.publisher(links.publishing(), publishing);
    private Connection nats;
    private ObjectStore store;

    @BeforeEach
    void create() throws Exception {
        nats = Nats.connect(server.url());
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder("media").build());
        store = nats.objectStore("media");
        store.put("a", new byte[300_000]);
        store.put("b", new byte[1]);
        store.addLink("link", store.getInfo("a"));
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    @AfterEach
    void close() throws Exception {
        nats.close();
        publisher.close();
        links.close();
        server.close();
    }

    @Test
    void removesOldChunksWithoutAnObject() throws Exception {
        for (String id : new String[] {"one", "two", "three"}) {
            nats.jetStream().publish("$O.media.C." + id, new byte[10]);
            nats.jetStream().publish("$O.media.C." + id, new byte[10]);
        }
        ObjectCounters counters = sweepUntil(4 + 3);

        assertThat(counters.swept()).isEqualTo(3);
        assertThat(store.getInfo("a").getSize()).isEqualTo(300_000);
        assertThat(messages()).isEqualTo(4 + 3);
    }

    @Test
    void removesNoMoreThanItsLimitInOneSweep() throws Exception {
        for (String id : new String[] {"one", "two", "three"}) {
            nats.jetStream().publish("$O.media.C." + id, new byte[10]);
        }
        OrphanSweep sweep = sweep(stores(), "1s");

        await().atMost(Timeouts.LIMIT).until(() -> swept(sweep) == MOST);

        assertThat(messages()).isEqualTo(4 + 3 + 1);
        assertThat(swept(sweep)).isEqualTo(1);
    }

    /** As a filter of a purge, such a subject would select the chunks of all objects. */
    @ParameterizedTest
    @ValueSource(strings = {"*", ">", "*.b"})
    void leavesAChunkOnASubjectWithAWildcardAndRemovesTheOthers(String id) throws Exception {
        nats.jetStream().publish("$O.media.C." + id, new byte[10]);
        nats.jetStream().publish("$O.media.C.orphan", new byte[10]);

        ObjectCounters counters = sweepUntil(4 + 3 + 1);

        assertThat(counters.swept()).isEqualTo(1);
        assertThat(content("a")).hasSize(300_000);
    }

    private byte[] content(String name) throws Exception {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        store.get(name, content);
        return content.toByteArray();
    }

    @Test
    void keepsTheChunksOfAnUnfinishedUpload() throws Exception {
        nats.jetStream().publish("$O.media.C.young", new byte[10]);
        OrphanSweep sweep = sweep(stores(), "1h");

        assertThat(swept(sweep)).isZero();

        assertThat(messages()).isEqualTo(4 + 3 + 1);
    }

    @Test
    void doesNotChangeASealedStore() throws Exception {
        nats.jetStream().publish("$O.media.C.orphan", new byte[10]);
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder("swept").build());
        nats.jetStream().publish("$O.swept.C.orphan", new byte[10]);
        store.seal();
        OrphanSweep sweep = sweep(stores(), "1s");

        await().atMost(Timeouts.LIMIT).until(() -> swept(sweep) == 1);

        assertThat(messages()).isEqualTo(4 + 3 + 1);
    }

    @Test
    void countsAStoreWithTooManyObjectsToSweep() throws Exception {
        nats.jetStream().publish("$O.media.C.orphan", new byte[10]);
        ObjectStores stores = stores();
        OrphanSweep sweep = sweep(stores, "1s", 2);

        assertThat(swept(sweep)).isZero();

        assertThat(stores.counters().unswept()).isEqualTo(1);
        assertThat(messages()).isEqualTo(4 + 3 + 1);
    }

    /** Streams are listed in the order of their names. */
    @Test
    void leavesOutAStoreWithMetadataThatCannotBeReadAndSweepsTheNextOne() throws Exception {
        nats.objectStoreManagement()
                .create(ObjectStoreConfiguration.builder("bad").build());
        nats.jetStream().publish("$O.bad.C.orphan", new byte[10]);
        nats.jetStream().publish("$O.bad.M.bWluZQ==", "}".getBytes(StandardCharsets.UTF_8));
        nats.jetStream().publish("$O.media.C.orphan", new byte[10]);
        ObjectStores stores = stores();
        OrphanSweep sweep = sweep(stores, "1s");

        await().atMost(Timeouts.LIMIT).until(() -> swept(sweep) == 1);

        assertThat(messages()).isEqualTo(4 + 3);
        assertThat(messages("OBJ_bad")).isEqualTo(2);
        assertThat(stores.counters().unswept()).isPositive();
    }

    /** Sweeps until the store has this many messages: chunks and metadata. */
    private ObjectCounters sweepUntil(long messages) {
        ObjectStores stores = stores();
        OrphanSweep sweep = sweep(stores, "1s");
        await().atMost(Timeouts.LIMIT).until(() -> {
            swept(sweep);
            return messages() == messages;
        });
        return stores.counters();
    }

    private ObjectStores stores() {
        return new ObjectStores(links, jetStream, publisher, publishing, config("1s"));
    }

    private OrphanSweep sweep(ObjectStores stores, String age) {
        return sweep(stores, age, SeenNames.MAX_NAMES);
    }

    private OrphanSweep sweep(ObjectStores stores, String age, int maxObjects) {
        Replay replay = TestReplay.through(links);
        ObjectConfig config = config(age);
        return new OrphanSweep(
                new ObjectStoreCatalog(jetStream, config),
                stores,
                new ObjectListing(replay, config),
                replay,
                config,
                maxObjects);
    }

    private static ObjectConfig config(String age) {
        return Settings.of(
                ObjectConfig.class,
                Map.of("sluice.object.sweep.age", age, "sluice.object.sweep.most", Integer.toString(MOST)));
    }

    private static int swept(OrphanSweep sweep) {
        return sweep.run().await().atMost(Timeouts.LIMIT);
    }

    private long messages() throws Exception {
        return messages("OBJ_media");
    }

    private long messages(String stream) throws Exception {
        return nats.jetStreamManagement().getStreamInfo(stream).getStreamState().getMsgCount();
    }
}
