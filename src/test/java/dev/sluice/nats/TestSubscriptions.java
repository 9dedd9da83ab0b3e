package dev.sluice.nats;

import dev.sluice.flow.Overflow;
import dev.sluice.support.NatsServer;
import dev.sluice.support.RawClient;
import dev.sluice.support.Timeouts;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Core subscriptions on a separate link. */
public final class TestSubscriptions implements AutoCloseable {
    private final NatsLink link;
    final CoreSubscriptions subscriptions;

    /** @param keys keys of {@code sluice.subscribe}, without the prefix */
    TestSubscriptions(NatsServer server, Map<String, String> keys) {
        link = TestLinks.linkTo(server);
        subscriptions = new CoreSubscriptions(link, config(keys));
        Awaitility.await().atMost(Timeouts.LIMIT).until(link::up);
    }

    /** Returns the configuration as the service reads it. */
    public static SubscribeConfig config(Map<String, String> keys) {
        Map<String, String> properties = new HashMap<>();
        keys.forEach((key, value) -> properties.put("sluice.subscribe." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withMapping(SubscribeConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build()
                .getConfigMapping(SubscribeConfig.class);
    }

    static SubjectSet set(String... patterns) {
        return SubjectSet.of(Arrays.stream(patterns).map(SubjectPattern::new).toList());
    }

    /** Subscribes and waits until the subscription is active. */
    Watched watch(SubjectSet subjects, Optional<String> group, Overflow overflow, long demand) {
        Changes changes = new Changes();
        AssertSubscriber<InboundMessage> subscriber = subscriptions
                .subscribe(subjects, group, overflow, changes)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(demand));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Timeouts.LIMIT)
                .until(() -> changes.seen.contains("active"));
        return new Watched(subscriber, changes);
    }

    Watched watch(String... patterns) {
        return watch(set(patterns), Optional.empty(), Overflow.FAIL, Long.MAX_VALUE);
    }

    @Override
    public void close() {
        link.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
    }

    /** One subscription with its subscriber and its notifications. */
    record Watched(AssertSubscriber<InboundMessage> subscriber, Changes changes) {
        List<String> subjects() {
            return subscriber.getItems().stream().map(InboundMessage::subject).toList();
        }

        /** Publishes {@code subject} until it arrives. All earlier messages have arrived then. */
        void awaitMarker(RawClient publisher, String subject, Duration limit) {
            Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(limit).until(() -> {
                publisher.publish(subject, "marker");
                return subjects().contains(subject);
            });
        }
    }

    /** Records the notifications of an observer, in order. */
    static final class Changes implements SubscriptionObserver {
        final List<String> seen = new CopyOnWriteArrayList<>();
        final AtomicInteger dropped = new AtomicInteger();

        @Override
        public void active() {
            seen.add("active");
        }

        @Override
        public void interrupted() {
            seen.add("interrupted");
        }

        @Override
        public void dropped() {
            dropped.incrementAndGet();
        }
    }
}
