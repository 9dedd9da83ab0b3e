package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.replay.FirstNames;
import dev.sluice.stream.replay.Page;
import dev.sluice.stream.replay.PageSize;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.SeenNames;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Lists the objects of a store. An object that is there during the whole listing is listed once, also if it is replaced
 * meanwhile. A listing reads the metadata of each object, in the order of the stream, and is never held in memory.
 */
@Singleton
public final class ObjectListing implements Limited {
    /** Maximum number of objects of a page. */
    public static final int MAX_OBJECTS = 1_000;

    private static final PageSize METADATA = new PageSize(256, 1 << 20);
    private final Replay replay;
    private final Limit listings;

    @Inject
    public ObjectListing(Replay replay, ObjectConfig config) {
        this.replay = replay;
        listings = new Limit("sluice.object.listings", config.listings());
    }

    /**
     * A page of objects in the order of the characters of their names.
     *
     * @param next the name after which the next page begins; empty if there are no more objects
     */
    public record ObjectPage(List<ObjectInfo> objects, Optional<String> next) {}

    /**
     * A page of metadata, also those of deleted objects.
     *
     * @param unreadable number of messages that are no metadata of an object
     */
    record Metadata(List<ObjectInfo> objects, int unreadable) {}

    /**
     * Returns the first objects after {@code after}. Each page reads the metadata of all objects; {@link #all} reads
     * them once. If objects are deleted meanwhile, a page can have fewer objects than {@code limit}, or none, and a next
     * one.
     *
     * @param shown which names to list
     */
    public Uni<ObjectPage> page(ObjectStoreName store, Predicate<String> shown, Optional<String> after, int limit) {
        return metadata(store)
                .collect()
                .in(
                        () -> new FirstNames<ObjectInfo>(shown, after.orElse(""), limit),
                        (first, page) -> take(first, page.objects()))
                .map(first -> new ObjectPage(first.values(), first.next()));
    }

    /** Returns all objects, each once, in batches in the order of the stream. */
    public Multi<List<ObjectInfo>> all(ObjectStoreName store, Predicate<String> shown) {
        return Multi.createFrom().deferred(() -> {
            SeenNames listed = new SeenNames();
            return metadata(store)
                    .map(page -> page.objects().stream()
                            .filter(object ->
                                    !object.deleted() && shown.test(object.name()) && listed.add(object.name()))
                            .toList())
                    .filter(page -> !page.isEmpty());
        });
    }

    /** A deletion ends the object of its own subject: one name can have metadata under two subjects. */
    static void take(FirstNames<ObjectInfo> first, List<ObjectInfo> objects) {
        for (ObjectInfo object : objects) {
            if (object.deleted()) {
                first.removeIf(object.name(), kept -> kept.subject().equals(object.subject()));
            } else {
                first.put(object.name(), object);
            }
        }
    }

    Multi<Metadata> metadata(ObjectStoreName store) {
        Multi<Metadata> pages = Multi.createFrom().deferred(() -> replay.state(store.stream())
                .stage(FlatMapMany.flatMapMany(
                        now -> replay.current(now, store.metadataPrefix(), SubjectSet.ALL, true, METADATA)))
                .map(ObjectListing::read)
                .onFailure(Failure.NO_STREAM::matches)
                .transform(gone -> store.missing()));
        return listings.guard(pages, "Too many listings of objects are under way");
    }

    private static Metadata read(Page page) {
        List<ObjectInfo> objects = page.messages().stream()
                .map(stored -> ObjectInfo.read(stored.message(), stored.time(), stored.sequence()))
                .flatMap(Optional::stream)
                .toList();
        return new Metadata(objects, page.messages().size() - objects.size());
    }

    @Override
    public List<Limit> limits() {
        return List.of(listings);
    }
}
