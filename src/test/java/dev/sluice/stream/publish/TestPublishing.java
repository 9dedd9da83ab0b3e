package dev.sluice.stream.publish;

import dev.sluice.nats.MessageTracing;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.OutboundMessage;
import dev.sluice.nats.Subject;
import dev.sluice.nats.TestLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.support.ManagementCall;
import dev.sluice.support.NatsServer;
import dev.sluice.support.Timeouts;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** A publisher on its own link, and a second connection to inspect the server. */
public final class TestPublishing implements AutoCloseable {
    final StoredPublisher publisher;
    final StreamIngest ingests;
    final Connection observer;
    private final NatsLink link;

    /** @param keys keys of {@code sluice.publish}, without the prefix */
    TestPublishing(NatsServer server, Map<String, String> keys) {
        this(server, TestLinks.linkTo(server), keys);
    }

    /** Publishes through {@code link}, which {@link #close} drains. */
    TestPublishing(NatsServer server, NatsLink link, Map<String, String> keys) {
        this.link = link;
        observer = connect(server);
        Awaitility.await().atMost(Timeouts.LIMIT).until(link::up);
        publisher = publisher(link, keys);
        ingests = ingests(link, keys, publisher);
        Awaitility.await().atMost(Timeouts.LIMIT).until(publisher::reachable);
    }

    public static StoredPublisher publisher(NatsLink link) {
        return publisher(link, Map.of());
    }

    /** @param keys keys of {@code sluice.publish}, without the prefix */
    public static StoredPublisher publisher(NatsLink link, Map<String, String> keys) {
        return publisher(link, config(keys));
    }

    public static StoredPublisher publisher(NatsLink link, PublishConfig config) {
        return new StoredPublisher(link, api(link, StreamLookup.TIMEOUT), config, MessageTracing.OFF);
    }

    public static StreamIngest ingests(NatsLink link, Map<String, String> keys, StoredPublisher publisher) {
        PublishConfig config = config(keys);
        return new StreamIngest(link, api(link, config.ackTimeout()), config, publisher);
    }

    private static JetStreamApi api(NatsLink link, Duration timeout) {
        return new JetStreamApi(link, JetStreamApi.DEFAULT_PREFIX, timeout);
    }

    public static PublishConfig config(Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        keys.forEach((key, value) -> properties.put("sluice.publish." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withMapping(PublishConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(PublishConfig.class);
    }

    static OutboundMessage message(String subject, String text) {
        return message(subject, text, Map.of());
    }

    static OutboundMessage message(String subject, String text, Map<String, String> headers) {
        Map<String, List<String>> lists = new HashMap<>();
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        return new OutboundMessage(new Subject(subject), lists, text.getBytes(StandardCharsets.UTF_8));
    }

    static StreamConfiguration.Builder stream(String name, String... subjects) {
        return StreamConfiguration.builder().name(name).subjects(subjects).storageType(StorageType.File);
    }

    StreamInfo create(StreamConfiguration.Builder stream) {
        return manage(management -> management.addStream(stream.build()));
    }

    StreamInfo info(String stream) {
        return manage(management -> management.getStreamInfo(stream));
    }

    /** Returns the payload of a stored message as text. */
    String stored(String stream, long sequence) {
        MessageInfo message = manage(management -> management.getMessage(stream, sequence));
        return new String(message.getData(), StandardCharsets.UTF_8);
    }

    <T> T manage(ManagementCall<T> action) {
        return ManagementCall.make(observer, action);
    }

    /** Waits until the server has processed the observer's subscriptions. */
    void flush() {
        try {
            observer.flush(Timeouts.LIMIT);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Connection connect(NatsServer server) {
        Options options = Options.builder()
                .server(server.url())
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(50))
                .errorListener(new ErrorListener() {})
                .build();
        try {
            return Nats.connect(options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        publisher.close();
        try {
            observer.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
    }
}
