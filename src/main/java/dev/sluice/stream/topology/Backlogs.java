package dev.sluice.stream.topology;

import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerInfo;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import io.nats.client.Connection;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The backlogs of the declared consumers. They are requested periodically while NATS is connected, so a caller never
 * waits for the server. While NATS is disconnected they are unknown: an outdated number would look current.
 */
@Singleton
public final class Backlogs implements LinkListener, AutoCloseable {
    private final Map<ConsumerRef, Backlog> known = new ConcurrentHashMap<>();
    private final Set<ConsumerRef> consumers;
    private final TopologyConfig config;
    private final JetStreamApi api;
    private final Runnable stopListening;
    private @Nullable Cancellable polling;
    private boolean closed;

    @Inject
    public Backlogs(NatsLinks links, JetStreamApis jetStream, TopologyConfig config) {
        this.config = config;
        consumers = consumers(config);
        api = jetStream.publishing(config.timeout());
        stopListening = links.publishing().listen(this);
    }

    /** Forces creation of this bean at startup. */
    void start(@Observes StartupEvent event) {}

    /** Returns the declared consumers. The set never changes. */
    public Set<ConsumerRef> consumers() {
        return consumers;
    }

    /** Returns the last reported backlog, {@link Backlog#UNKNOWN} if there is none. Never blocks. */
    public Backlog of(ConsumerRef consumer) {
        return known.getOrDefault(consumer, Backlog.UNKNOWN);
    }

    @Override
    public synchronized void up(Connection connection) {
        down();
        if (closed) {
            return;
        }
        polling = Uni.createFrom()
                .deferred(this::pollAll)
                .onItem()
                .call(() -> Uni.createFrom().voidItem().onItem().delayIt().by(pause()))
                .repeat()
                .indefinitely()
                .subscribe()
                .with(done -> {});
    }

    @Override
    public synchronized void down() {
        if (polling != null) {
            polling.cancel();
            polling = null;
        }
        known.clear();
    }

    @Override
    @PreDestroy
    public synchronized void close() {
        closed = true;
        stopListening.run();
        down();
    }

    private Duration pause() {
        return known.containsValue(Backlog.UNKNOWN) ? config.retry() : config.backlogs();
    }

    private Uni<Void> pollAll() {
        return Multi.createFrom()
                .iterable(consumers)
                .onItem()
                .transformToUniAndConcatenate(this::poll)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Backlog> poll(ConsumerRef consumer) {
        return api.consumerInfo(consumer)
                .map(Backlogs::backlog)
                .onFailure()
                .recoverWithItem(Backlog.UNKNOWN)
                .invoke(backlog -> known.put(consumer, backlog));
    }

    private static Backlog backlog(ConsumerInfo consumer) {
        ConsumerInfo.State state = consumer.state();
        return new Backlog(state.pending(), state.ackPending(), state.redelivered());
    }

    private static Set<ConsumerRef> consumers(TopologyConfig config) {
        return config.streams().entrySet().stream()
                .filter(stream -> stream.getValue().enabled())
                .flatMap(stream -> stream.getValue().consumers().keySet().stream()
                        .map(consumer -> new ConsumerRef(stream.getKey(), consumer)))
                .collect(Collectors.toUnmodifiableSet());
    }
}
