package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.nats.SubjectPattern;
import dev.sluice.nats.SubjectSet;
import dev.sluice.stream.replay.FirstNames;
import dev.sluice.stream.replay.Page;
import dev.sluice.stream.replay.PageSize;
import dev.sluice.stream.replay.Replay;
import dev.sluice.stream.replay.SeenNames;
import dev.sluice.stream.replay.StreamMessage;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Lists the keys of a bucket that have a value. A key that has a value during the whole listing is listed once, also if
 * the value changes meanwhile. A listing reads the last revision of each key, in the order of the stream, and is never
 * held in memory. After {@link SeenNames#MAX_NAMES} keys, a further key that changes during the listing is listed again.
 */
@Singleton
public final class KeyListing implements Limited {
    /** Maximum number of keys of a page. */
    public static final int MAX_KEYS = 1_000;

    private static final PageSize NAMES = new PageSize(1_000, 1 << 20);
    private static final PageSize VALUES = new PageSize(16, 1 << 20);

    private final Replay replay;
    private final Limit listings;

    @Inject
    public KeyListing(Replay replay, BucketConfig config) {
        this.replay = replay;
        listings = new Limit("sluice.bucket.listings", config.listings());
    }

    /**
     * A page of keys in the order of their characters.
     *
     * @param next the key after which the next page begins; empty if there are no more keys
     */
    public record KeyPage(List<String> keys, Optional<String> next) {}

    /**
     * Returns the first keys after {@code after}. Each page reads all keys of the bucket that match; {@link #all} reads
     * them once. If keys are deleted meanwhile, a page can have fewer keys than {@code limit}, or none, and a next one.
     *
     * @param shown which keys to list
     */
    public Uni<KeyPage> page(
            BucketName bucket, KeyPattern filter, Predicate<String> shown, Optional<String> after, int limit) {
        return entries(bucket, filter, false)
                .collect()
                .in(() -> new FirstNames<String>(shown, after.orElse(""), limit), KeyListing::take)
                .map(first -> new KeyPage(first.values(), first.next()));
    }

    private static void take(FirstNames<String> first, List<BucketEntry> entries) {
        for (BucketEntry entry : entries) {
            if (entry.deleted()) {
                first.remove(entry.key());
            } else {
                first.put(entry.key(), entry.key());
            }
        }
    }

    /** Returns all entries with a value, each key once, in batches in the order of the stream. */
    public Multi<List<BucketEntry>> all(BucketName bucket, KeyPattern filter, Predicate<String> shown, boolean values) {
        return Multi.createFrom().deferred(() -> {
            SeenNames listed = new SeenNames();
            return entries(bucket, filter, values)
                    .map(page -> page.stream()
                            .filter(entry -> !entry.deleted() && shown.test(entry.key()) && listed.add(entry.key()))
                            .toList())
                    .filter(page -> !page.isEmpty());
        });
    }

    private Multi<List<BucketEntry>> entries(BucketName bucket, KeyPattern filter, boolean values) {
        Multi<List<BucketEntry>> pages = Multi.createFrom().deferred(() -> {
            SubjectSet keys = SubjectSet.of(List.of(new SubjectPattern(bucket + "." + filter)));
            return replay.state(bucket.stream())
                    .stage(FlatMapMany.flatMapMany(
                            now -> replay.current(now, BucketName.SUBJECTS, keys, values, values ? VALUES : NAMES)))
                    .map(page -> entries(bucket, page))
                    .onFailure(Failure.NO_STREAM::matches)
                    .transform(gone -> bucket.missing());
        });
        return listings.guard(pages, "Too many listings of keys are under way");
    }

    private static List<BucketEntry> entries(BucketName bucket, Page page) {
        List<BucketEntry> entries = new ArrayList<>(page.messages().size());
        for (StreamMessage stored : page.messages()) {
            entries.add(BucketEntry.of(
                    stored.message().subject().substring(bucket.prefix().length()),
                    stored.message().data(),
                    stored.sequence(),
                    stored.time(),
                    stored.message().headers()));
        }
        return entries;
    }

    @Override
    public List<Limit> limits() {
        return List.of(listings);
    }
}
