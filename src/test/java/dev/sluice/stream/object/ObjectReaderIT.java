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
import dev.sluice.stream.pull.PullSubscriptions;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Settings;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.PurgeOptions;
import io.nats.client.api.ObjectStoreConfiguration;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A range is found wherever the chunks of its object are, and the search for it counts as a download. Unless a test says
 * otherwise, an object has two chunks with the id {@code id}: {@code 1234} and {@code 5678}.
 */
class ObjectReaderIT {
    private static final ObjectName NAME = new ObjectName("a");
    private static final ObjectStoreName ONE = new ObjectStoreName("one");
    private static final ObjectStoreName OTHER = new ObjectStoreName("other");

    private final NatsServer server = NatsServer.started();
    private final NatsLinks links = TestLinks.to(server);
    private final PullConfig pulls = Settings.of(PullConfig.class, Map.of());
    private final JetStreamApis jetStream = new JetStreamApis(links, pulls);
    private final PublishConfig publishing = Settings.of(PublishConfig.class, Map.of());
    private final ObjectConfig config = Settings.of(ObjectConfig.class, Map.of("sluice.object.downloads", "1"));
    private final StoredPublisher publisher = TestPublishing.publisher(links.publishing(), publishing);
    private final ObjectStores stores = new ObjectStores(links, jetStream, publisher, publishing, config);
    private final ObjectReader reader =
            new ObjectReader(new PullSubscriptions(links, jetStream, pulls), stores, config);
    private Connection nats;

    @BeforeEach
    void create() throws Exception {
        nats = Nats.connect(server.url());
        await().atMost(Timeouts.LIMIT).until(publisher::reachable);
        for (ObjectStoreName store : List.of(ONE, OTHER)) {
            nats.objectStoreManagement()
                    .create(ObjectStoreConfiguration.builder(store.value()).build());
        }
        write(ONE, "1234", "5678");
    }

    @AfterEach
    void close() throws Exception {
        nats.close();
        publisher.close();
        links.close();
        server.close();
    }

    @Test
    void findsTheChunksOfAStoreThatWasCopiedFromAnother() throws Exception {
        nats.jetStream().publish("$O.other.C.before", new byte[1]);
        write(OTHER, "1234", "5678");
        assertThat(range(ONE, 5, 2)).isEqualTo("67");

        assertThat(range(OTHER, 5, 2)).isEqualTo("67");
    }

    @Test
    void forgetsWhereChunksWereThatAreNotThere() throws Exception {
        assertThat(range(ONE, 5, 2)).isEqualTo("67");
        purge();
        assertThatThrownBy(() -> range(ONE, 5, 2))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.NO_OBJECT));

        write(ONE, "1234", "5678");

        assertThat(range(ONE, 5, 2)).isEqualTo("67");
    }

    @Test
    void countsTheSearchForARangeAsADownload() {
        ObjectInfo object = object(ONE);
        AssertSubscriber<byte[]> download =
                reader.whole(ONE, object).data().subscribe().withSubscriber(AssertSubscriber.create());

        assertThatThrownBy(() -> reader.range(ONE, object, 5, 2).await().atMost(Timeouts.LIMIT))
                .isInstanceOfSatisfying(SluiceException.class, thrown -> assertThat(thrown.failure())
                        .isEqualTo(Failure.OVERLOADED));

        download.cancel();
        assertThat(range(ONE, 5, 2)).isEqualTo("67");
        assertThat(reader.downloads()).isZero();
    }

    private void purge() throws Exception {
        nats.jetStreamManagement()
                .purgeStream(
                        ONE.stream(),
                        PurgeOptions.builder().subject("$O.one.C.id").build());
    }

    private String range(ObjectStoreName store, long from, long length) {
        ObjectReader.Content content =
                reader.range(store, object(store), from, length).await().atMost(Timeouts.LIMIT);
        StringBuilder read = new StringBuilder();
        content.data()
                .select()
                .first(content.items())
                .collect()
                .asList()
                .await()
                .atMost(Timeouts.LIMIT)
                .forEach(part -> read.append(new String(part, StandardCharsets.UTF_8)));
        return read.toString();
    }

    private ObjectInfo object(ObjectStoreName store) {
        return stores.find(store, NAME).await().atMost(Timeouts.LIMIT).orElseThrow();
    }

    private void write(ObjectStoreName store, String... chunks) throws Exception {
        for (String chunk : chunks) {
            nats.jetStream().publish("$O." + store + ".C.id", chunk.getBytes(StandardCharsets.UTF_8));
        }
        String encoded = Base64.getUrlEncoder().encodeToString(NAME.value().getBytes(StandardCharsets.UTF_8));
        nats.jetStream()
                .publish(
                        "$O." + store + ".M." + encoded,
                        ("{\"name\":\"a\",\"bucket\":\"" + store + "\",\"nuid\":\"id\",\"size\":8,\"chunks\":2,"
                                        + "\"options\":{\"max_chunk_size\":4}}")
                                .getBytes(StandardCharsets.UTF_8));
    }
}
