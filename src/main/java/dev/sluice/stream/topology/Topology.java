package dev.sluice.stream.topology;

import dev.sluice.nats.LinkListener;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.pull.PullConfig;
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
 * The declared streams and consumers, kept as they are declared: created where they are missing, updated where the
 * server allows it, never deleted. Applied whenever NATS comes up, and looked at again from time to time. What the
 * server refuses is logged once with both versions, and is a reason not to be ready until it is mended.
 */
@Singleton
public final class Topology implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Topology.class);
    private static final String NOT_LOOKED_AT = "NATS has not answered yet";

    private final List<Declaration> declarations;
    private final DeclarationReconciler round;
    private final TopologyConfig config;
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    private final Set<String> settled = ConcurrentHashMap.newKeySet();
    private final Rounds rounds = new Rounds();
    private final Runnable stopListening;

    @Inject
    public Topology(NatsLinks links, TopologyConfig config, PullConfig pulls) {
        this(links.publishing(), config, pulls.apiPrefix());
    }

    Topology(NatsLink link, TopologyConfig config, String apiPrefix) {
        this.config = config;
        declarations = declarations(config);
        round = new DeclarationReconciler(new JetStreamApi(link, apiPrefix, config.timeout()));
        declarations.forEach(declaration -> problems.put(declaration.what(), NOT_LOOKED_AT));
        stopListening = link.listen(rounds);
    }

    /** Makes the topology eager: it is applied although nobody asks for it. */
    void start(@Observes StartupEvent event) {}

    /** Whether all streams and consumers are as declared, as far as is known. */
    public boolean inPlace() {
        return problems.isEmpty();
    }

    /** Which streams and consumers are not as declared, and why. */
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

    /** Wishes are tried until the declaration has held once: a server without the feature is not asked for ever. */
    private Uni<String> apply(Declaration declaration) {
        String what = declaration.what();
        Declaration now = settled.contains(what) ? declaration.withoutWishes() : declaration;
        return round.apply(now)
                .map(problem -> problem.orElse(""))
                .onFailure()
                .recoverWithItem(failure -> "The " + what + " could not be declared: " + failure.getMessage())
                .invoke(problem -> note(what, problem));
    }

    private void note(String what, String problem) {
        if (problem.isEmpty()) {
            settled.add(what);
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

    /** One round after the other while NATS is up. */
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
                    .with(done -> {}, failure -> LOG.error("The topology is not looked at any more", failure));
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
