package dev.sluice.stream.topology;

import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps streams and consumers as declared in the configuration. Missing ones are created, and existing ones are
 * updated if the server permits it. Nothing is deleted, and no stream is narrowed without permission. Declarations
 * are applied on every connect and then checked periodically. A refused change is logged once with both
 * configurations, and the service is not ready until it is resolved.
 */
@Singleton
public final class Topology implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Topology.class);
    private static final String UNKNOWN = "NATS has not answered yet";

    private final List<Declaration> declarations;
    private final DeclarationReconciler reconciler;
    private final TopologyConfig config;
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    private final Set<String> settled = ConcurrentHashMap.newKeySet();
    private final Rounds rounds = new Rounds();
    private final Runnable stopListening;

    @Inject
    public Topology(NatsLinks links, JetStreamApis jetStream, TopologyConfig config) {
        this(links.publishing(), jetStream.publishing(config.timeout()), config);
    }

    Topology(NatsLink link, JetStreamApi api, TopologyConfig config) {
        this.config = config;
        declarations = declarations(config);
        reconciler = new DeclarationReconciler(api);
        declarations.forEach(declaration -> problems.put(declaration.what(), UNKNOWN));
        stopListening = link.listen(rounds);
    }

    /** Forces creation of this bean at startup. */
    void start(@Observes StartupEvent event) {}

    /** Returns whether each declaration was applied at least once, with success or without. */
    public boolean applied() {
        return !problems.containsValue(UNKNOWN);
    }

    /** Returns whether all streams and consumers were as declared at the last check. */
    public boolean inPlace() {
        return problems.isEmpty();
    }

    /** Returns the streams and consumers that are not as declared, with the reason. */
    public Map<String, String> problems() {
        return new TreeMap<>(problems);
    }

    @Override
    @PreDestroy
    public void close() {
        stopListening.run();
        rounds.close();
    }

    private static List<Declaration> declarations(TopologyConfig config) {
        List<Declaration> all = new ArrayList<>();
        new TreeMap<>(config.streams()).forEach((stream, settings) -> {
            if (settings.enabled()) {
                all.add(Declarations.stream(stream, settings));
                new TreeMap<>(settings.consumers())
                        .forEach((consumer, its) ->
                                all.add(Declarations.consumer(new ConsumerRef(stream, consumer), its)));
            }
        });
        return List.copyOf(all);
    }

    private Uni<Void> applyAll() {
        return Multi.createFrom()
                .iterable(declarations)
                .onItem()
                .transformToUniAndConcatenate(this::apply)
                .collect()
                .last()
                .replaceWithVoid();
    }

    /** Requests optional features until the declaration was applied once: a server without them is not asked forever. */
    private Uni<String> apply(Declaration declaration) {
        String what = declaration.what();
        return reconciler
                .apply(declaration, !settled.contains(what))
                .map(applied -> problem(what, applied))
                .onFailure()
                .recoverWithItem(failure -> "The " + what + " could not be declared: " + failure.getMessage())
                .invoke(problem -> note(what, problem));
    }

    private String problem(String what, DeclarationReconciler.Applied applied) {
        if (applied.complete()) {
            settled.add(what);
        }
        return applied.problem()
                .or(() -> applied.spared()
                        .map(spared -> "The declaration would narrow the existing " + what + ": " + spared
                                + ". Nothing is narrowed unless the declaration has narrow=true"))
                .orElse("");
    }

    private void note(String what, String problem) {
        if (problem.isEmpty()) {
            if (problems.remove(what) != null) {
                LOG.debugf("The %s is as declared", what);
            }
        } else if (!problem.equals(problems.put(what, problem))) {
            LOG.warn(problem);
        }
    }

    private Uni<Void> pause() {
        Duration pause = inPlace() ? config.check() : config.retry();
        return Uni.createFrom().voidItem().onItem().delayIt().by(pause);
    }

    /** Applies all declarations repeatedly while NATS is connected. */
    private final class Rounds implements LinkListener {
        private @Nullable Cancellable running;
        private boolean closed;

        @Override
        public synchronized void up(Connection connection) {
            down();
            if (closed) {
                return;
            }
            settled.clear();
            running = Uni.createFrom()
                    .deferred(Topology.this::applyAll)
                    .onItem()
                    .call(Topology.this::pause)
                    .repeat()
                    .indefinitely()
                    .subscribe()
                    .with(done -> {}, failure -> LOG.error("The topology is no longer checked", failure));
        }

        @Override
        public synchronized void down() {
            if (running != null) {
                running.cancel();
                running = null;
            }
        }

        synchronized void close() {
            closed = true;
            down();
        }
    }
}
