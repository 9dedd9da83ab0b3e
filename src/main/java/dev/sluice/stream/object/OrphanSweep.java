package dev.sluice.stream.object;

import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.replay.Page;
import dev.sluice.stream.replay.PageSize;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.SeenNames;
import dev.sluice.stream.replay.StreamMessage;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * Removes chunks that belong to no object: an upload removes its chunks itself if it fails, but not if this service, its
 * client or NATS dies meanwhile. Every instance sweeps all object stores at its own times.
 *
 * <p>Chunks are removed only if the newest of them is older than {@code sluice.object.sweep.age}, by the clock of
 * the server, and no metadata name them, neither before nor after the chunks were read. An upload to Sluice that
 * waits for half of this time for one chunk is ended before, and a long one becomes visible only if all of its
 * chunks are still there. An upload of another client of NATS that pauses for this time loses its chunks.
 *
 * <p>A store is left out, counted and tried again by the next sweep if it fails, or if it cannot be known which chunks its
 * objects have: it has too many objects, or a message in place of metadata that cannot be read. Messages in place of
 * chunks whose subject has no {@link ObjectId} stay.
 */
@Singleton
public final class OrphanSweep implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(OrphanSweep.class);
    private static final PageSize NAMES = new PageSize(1_000, 1 << 20);
    private final ObjectStoreCatalog catalog;
    private final ObjectStores stores;
    private final ObjectListing listing;
    private final Replay replay;
    private final ObjectConfig.Sweep config;
    private final int maxObjects;
    private Cancellable running = () -> {};

    @Inject
    public OrphanSweep(
            ObjectStoreCatalog catalog,
            ObjectStores stores,
            ObjectListing listing,
            Replay replay,
            ObjectConfig config) {
        this(catalog, stores, listing, replay, config, SeenNames.MAX_NAMES);
    }

    /** @param maxObjects number of objects from which on a store is not swept */
    OrphanSweep(
            ObjectStoreCatalog catalog,
            ObjectStores stores,
            ObjectListing listing,
            Replay replay,
            ObjectConfig config,
            int maxObjects) {
        this.maxObjects = maxObjects;
        this.catalog = catalog;
        this.stores = stores;
        this.listing = listing;
        this.replay = replay;
        this.config = config.sweep();
    }

    void start(@Observes StartupEvent event) {
        if (!config.enabled()) {
            return;
        }
        running = Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(Duration.ofMillis(1
                        + ThreadLocalRandom.current().nextLong(config.interval().toMillis())))
                .chain(this::run)
                .onFailure()
                .invoke(failure -> LOG.infof("The object stores were not swept completely: %s", failure.getMessage()))
                .onFailure()
                .recoverWithItem(0)
                .onItem()
                .call(() -> Uni.createFrom().voidItem().onItem().delayIt().by(config.interval()))
                .repeat()
                .indefinitely()
                .subscribe()
                .with(swept -> {});
    }

    /** Sweeps all object stores once. The item is the number of uploads whose chunks were removed. */
    Uni<Integer> run() {
        return Uni.createFrom()
                .deferred(() -> new Run().page(0))
                .invoke(removed -> stores.counters().sweeps.increment());
    }

    @Override
    @PreDestroy
    public void close() {
        running.cancel();
    }

    /** One sweep of all stores. */
    private final class Run {
        private int removed;

        Uni<Integer> page(int offset) {
            return catalog.list(offset).chain(page -> each(page.items()).chain(() -> {
                OptionalInt next = page.next();
                return next.isPresent() && removed < config.most()
                        ? page(next.getAsInt())
                        : Uni.createFrom().item(removed);
            }));
        }

        private Uni<Void> each(List<ObjectStoreInfo> all) {
            return Multi.createFrom()
                    .iterable(all)
                    .filter(store -> store.purgeable() && store.bytes() > 0)
                    .onItem()
                    .transformToUniAndConcatenate(store ->
                            sweep(store.name()).onFailure().recoverWithUni(failure -> leftOut(store.name(), failure)))
                    .collect()
                    .last()
                    .replaceWithVoid();
        }

        private Uni<Void> sweep(ObjectStoreName store) {
            return named(store).chain(before -> unnamed(store, before)
                    .chain(found -> found.isEmpty()
                            ? Uni.createFrom().voidItem()
                            : named(store).chain(after -> remove(store, found, after))));
        }

        /** The next sweep tries again. The other stores are swept now. */
        private Uni<Void> leftOut(ObjectStoreName store, Throwable why) {
            stores.counters().unswept.increment();
            LOG.warnf("The object store %s is not swept: %s", store, why.getMessage());
            return Uni.createFrom().voidItem();
        }

        /** Returns the ids that metadata name. Fails {@link Unsweepable} if these may not be all. */
        private Uni<SeenNames> named(ObjectStoreName store) {
            return listing.metadata(store)
                    .invoke(page -> {
                        if (page.unreadable() > 0) {
                            throw new Unsweepable("it has metadata that cannot be read");
                        }
                    })
                    .collect()
                    .in(() -> new SeenNames(maxObjects), (ids, page) -> page.objects().stream()
                            .filter(ObjectInfo::hasChunks)
                            .forEach(object -> ids.add(object.id())))
                    .invoke(ids -> {
                        if (ids.full()) {
                            throw new Unsweepable("it has %d objects or more".formatted(maxObjects));
                        }
                    });
        }

        /** Returns ids of old chunks that are not among {@code named}, no more than this run may remove. */
        private Uni<Set<ObjectId>> unnamed(ObjectStoreName store, SeenNames named) {
            int most = config.most() - removed;
            return replay.state(store.stream())
                    .chain(now -> replay.current(now, store.chunkPrefix(), SubjectSet.ALL, false, NAMES)
                            .collect()
                            .in(() -> new Unnamed(store, named, now.time().minus(config.age()), most), Unnamed::add))
                    .invoke(Unnamed::logOther)
                    .map(Unnamed::ids);
        }

        private Uni<Void> remove(ObjectStoreName store, Set<ObjectId> ids, SeenNames named) {
            return Multi.createFrom()
                    .iterable(ids)
                    .filter(id -> !named.contains(id.value()))
                    .onItem()
                    .transformToUniAndConcatenate(id -> stores.purge(store, id).invoke(() -> {
                        removed++;
                        stores.counters().swept.increment();
                        LOG.infof("Removed the chunks %s of the object store %s: no object has them", id, store);
                    }))
                    .collect()
                    .last()
                    .replaceWithVoid();
        }
    }

    /** The ids of old chunks that no metadata name. Messages whose subject has no id of an object are left out. */
    private static final class Unnamed {
        private final Set<ObjectId> ids = new LinkedHashSet<>();
        private final ObjectStoreName store;
        private final SeenNames named;
        private final Instant young;
        private final int most;
        private String other = "";

        Unnamed(ObjectStoreName store, SeenNames named, Instant young, int most) {
            this.store = store;
            this.named = named;
            this.young = young;
            this.most = most;
        }

        void add(Page page) {
            for (StreamMessage chunk : page.messages()) {
                String subject = chunk.message().subject();
                ObjectId.of(subject.substring(store.chunkPrefix().length()))
                        .ifPresentOrElse(id -> add(id, chunk.time()), () -> leaveOut(subject));
            }
        }

        private void add(ObjectId id, Instant at) {
            if (!at.isBefore(young)) {
                ids.remove(id);
            } else if (ids.size() < most && !named.contains(id.value())) {
                ids.add(id);
            }
        }

        private void leaveOut(String subject) {
            other = subject;
        }

        void logOther() {
            if (!other.isEmpty()) {
                LOG.warnf(
                        "The object store %s has chunks that stay: no object can have their subject, %s for example",
                        store, other);
            }
        }

        Set<ObjectId> ids() {
            return ids;
        }
    }

    /** It is not known which chunks the objects of a store have. */
    private static final class Unsweepable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unsweepable(String why) {
            super(why, null, false, false);
        }
    }
}
