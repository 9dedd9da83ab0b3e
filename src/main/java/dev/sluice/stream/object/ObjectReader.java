package dev.sluice.stream.object;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.StartPosition;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.PullSubscriptions;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the chunks of objects, on demand and in order. A range reads only the chunks that have a part of it.
 *
 * <p>Where a chunk begins follows from the size of the chunks, if the writer has kept to the one that the metadata
 * tell, and its sequence from that of the first chunk, if no other message is between the chunks. Both are checked with
 * the first and the last chunk: chunks that are at most this large, as many as it takes, with a last one of the
 * remaining size, are all this large. For other objects the chunks before the range are counted without their data.
 *
 * <p>Chunks that do not fit the metadata fail the read with {@code NO_OBJECT} and are counted. Chunks that are not there
 * fail it with {@code NO_OBJECT}, too: perhaps the object has just been replaced.
 */
@Singleton
public final class ObjectReader implements Limited {
    private static final String MESSAGE_SIZE = "Nats-Msg-Size";
    /** The inactive threshold of a download. A client that reads slowly must not lose its consumer. */
    private static final Duration UNUSED = Duration.ofMinutes(5);

    /** Maximum number of objects whose layout is remembered. That of another one is read again. */
    private static final int MAX_LAYOUTS = 10_000;

    /** Chunks that are counted without their data are this many ahead. */
    private static final int COUNTED_AHEAD = 512;

    /** Time between two checks whether the object whose range is searched was replaced. */
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(1);

    private final PullSubscriptions pulls;
    private final ObjectStores stores;
    private final Limit downloads;
    private final int window;
    /** Maximum number of chunks of one download that are on their way. */
    private final int most;

    /** The bytes that all downloads together read ahead beyond the window that each of them has in any case. */
    private final Limit ahead;

    private final Duration stall;
    private final ObjectCounters counters;
    private final Cache<Stored, Layout> layouts =
            Caffeine.newBuilder().maximumSize(MAX_LAYOUTS).build();

    @Inject
    public ObjectReader(PullSubscriptions pulls, ObjectStores stores, ObjectConfig config) {
        this.pulls = pulls;
        this.stores = stores;
        this.downloads = new Limit("sluice.object.downloads", config.downloads());
        this.window = config.downloadWindow();
        this.most = window + DownloadWindow.MAX_MORE;
        this.ahead = new Limit("sluice.object.read-ahead", config.readAhead().asLongValue());
        this.stall = config.stall();
        this.counters = stores.counters();
    }

    /**
     * The bytes of an object, or of a part of it.
     *
     * @param items number of items that are the content, after which the subscriber cancels; if it requests more, Sluice
     *     reads more
     */
    public record Content(long items, Multi<byte[]> data) {}

    /** The chunks with this id in a store. Two stores can have the same ids, if one was copied. */
    private record Stored(ObjectStoreName store, String id) {}

    /** Where the chunks of an object are: at sequences that follow each other, all but the last one equally large. */
    private record Layout(boolean regular, long firstSequence) {}

    /** The place of a chunk: its number, its sequence, and the number of bytes before it. */
    private record Place(long number, long sequence, long offset) {}

    /** Returns the number of downloads under way. */
    public long downloads() {
        return downloads.taken();
    }

    /** Returns the limit of the bytes that the downloads read ahead. */
    public Limit ahead() {
        return ahead;
    }

    @Override
    public List<Limit> limits() {
        return List.of(downloads, ahead);
    }

    /** Returns the window of a download that begins: its subscriber requests no more chunks than that ahead of the client. */
    public DownloadWindow window() {
        return new DownloadWindow(window, ahead);
    }

    /**
     * Returns the whole object. The last chunk is emitted only if the digest of all chunks is that of the metadata, and on a
     * worker thread.
     */
    public Content whole(ObjectStoreName store, ObjectInfo object) {
        requireChunks(object);
        if (object.chunks() == 0) {
            return new Content(0, Multi.createFrom().empty());
        }
        Multi<byte[]> chunks =
                permitted(chunks(store, object, new Place(0, 0, 0), false)).map(Delivery::data);
        return new Content(
                object.chunks(),
                new DigestCheck(
                        chunks, object, most, Infrastructure.getDefaultExecutor(), how -> corrupt(object, how)));
    }

    /** Returns {@code length} bytes of the object from {@code from} on. The object has these bytes. */
    public Uni<Content> range(ObjectStoreName store, ObjectInfo object, long from, long length) {
        requireChunks(object);
        return Uni.createFrom()
                .deferred(
                        () -> object.chunks() == 1 ? Uni.createFrom().item(new Layout(true, 0)) : layout(store, object))
                .chain(layout -> layout.regular()
                        ? Uni.createFrom().item(regular(store, object, layout, from, length))
                        : scanned(store, object, from, length))
                .plug(found -> Uni.combine().any().of(found, replaced(store, object)))
                .ifNoItem()
                .after(stall)
                .failWith(() -> Failure.UNAVAILABLE.because("The chunks of the object did not come in time"));
    }

    /** Fails when the object is replaced: chunks that are gone never come. */
    private Uni<Content> replaced(ObjectStoreName store, ObjectInfo object) {
        return Multi.createFrom()
                .ticks()
                .startingAfter(BETWEEN_CHECKS)
                .every(BETWEEN_CHECKS)
                .onOverflow()
                .drop()
                .onItem()
                .transformToUniAndConcatenate(
                        tick -> stores.present(store, object).onFailure().recoverWithItem(true))
                .filter(present -> !present)
                .toUni()
                .onItem()
                .transformToUni(
                        gone -> Uni.createFrom().failure(unreadable(object, "it was replaced while it was read")));
    }

    private Content regular(ObjectStoreName store, ObjectInfo object, Layout layout, long from, long length) {
        long size = object.chunks() == 1 ? object.size() : object.chunkSize();
        long first = from / size;
        long count = (from + length - 1) / size - first + 1;
        long sequence = layout.firstSequence() == 0 ? 0 : layout.firstSequence() + first;
        return part(store, object, new Place(first, sequence, first * size), count, from, length, size);
    }

    private Content part(
            ObjectStoreName store, ObjectInfo object, Place begin, long count, long from, long length, long chunkSize) {
        return new Content(count, Multi.createFrom().deferred(() -> {
            Slices slices = new Slices(store, object, begin, from, length, chunkSize);
            return permitted(chunks(store, object, begin, false)).map(delivery -> slices.next(delivery.data()));
        }));
    }

    /** Counts the bytes of the chunks until the end of the range is found. */
    private Uni<Content> scanned(ObjectStoreName store, ObjectInfo object, long from, long length) {
        return Multi.createFrom()
                .deferred(() -> {
                    Search search = new Search(object, from, length);
                    return permitted(chunks(store, object, new Place(0, 0, 0), true))
                            .map(search::next)
                            .select()
                            .first(done -> !done)
                            .collect()
                            .last()
                            .map(done -> search)
                            .toMulti();
                })
                .toUni()
                .map(search -> {
                    Place begin = search.begin;
                    if (begin == null || search.offset < from + length) {
                        throw corrupt(object, "it has fewer bytes than its metadata tell");
                    }
                    return part(store, object, begin, search.count, from, length, 0);
                });
    }

    private Uni<Layout> layout(ObjectStoreName store, ObjectInfo object) {
        Layout known = layouts.getIfPresent(new Stored(store, object.id()));
        if (known != null) {
            return Uni.createFrom().item(known);
        }
        Uni<Delivery> first = chunks(store, object, new Place(0, 0, 0), true)
                .select()
                .first(1)
                .toUni();
        Uni<Delivery> last = lastChunk(store, object).select().first(1).toUni();
        return permitted(first.chain(begin -> last.map(end -> layout(object, begin, end)))
                        .toMulti())
                .toUni()
                .invoke(layout -> layouts.put(new Stored(store, object.id()), layout));
    }

    private static Layout layout(ObjectInfo object, Delivery first, Delivery last) {
        long size = object.chunkSize();
        long most = object.chunks();
        boolean regular = size > 0
                && most == (object.size() + size - 1) / size
                && size(first) == size
                && size(last) == object.size() - (most - 1) * size
                && last.streamSequence() - first.streamSequence() == most - 1;
        return new Layout(regular, first.streamSequence());
    }

    /**
     * Returns the chunks from {@code begin} on. After an interruption it continues after the last one, with another
     * consumer, unless NATS is away for {@code sluice.object.stall}.
     *
     * @param headersOnly whether the data are left out
     */
    private Multi<Delivery> chunks(ObjectStoreName store, ObjectInfo object, Place begin, boolean headersOnly) {
        return chunks(store, object, begin, DownloadProgress::start, headersOnly);
    }

    /** Returns the last chunk without its data, wherever it is. */
    private Multi<Delivery> lastChunk(ObjectStoreName store, ObjectInfo object) {
        Place last = new Place(object.chunks() - 1, 0, 0);
        return chunks(store, object, last, progress -> StartPosition.Edge.LAST_PER_SUBJECT, true);
    }

    /** @param start where a consumer begins */
    private Multi<Delivery> chunks(
            ObjectStoreName store,
            ObjectInfo object,
            Place begin,
            Function<DownloadProgress, StartPosition> start,
            boolean headersOnly) {
        return Multi.createFrom().deferred(() -> {
            DownloadProgress progress = new DownloadProgress(object, begin.number(), begin.sequence(), stall);
            int requested = headersOnly ? COUNTED_AHEAD : most;
            return Multi.createFrom()
                    .deferred(() -> pulls.pull(
                            consumer(store, object, start.apply(progress), headersOnly),
                            pulls.options()
                                    .withPrefetch(requested, pulls.options().prefetchBytes()),
                            consumer -> progress.require(consumer.state().pending())))
                    .onFailure(Failure.NO_STREAM::matches)
                    .transform(gone -> store.missing())
                    .invoke(chunk -> {
                        progress.received(chunk);
                        counters.read.add(chunk.data().length);
                    })
                    .onFailure()
                    .invoke(progress::failed)
                    .onFailure(progress::canContinue)
                    .retry()
                    .when(failures -> failures.onItem().transformToUniAndConcatenate(progress::pause))
                    .onFailure(DownloadProgress.MissingChunks.class)
                    .call(missing -> countUnlessReplaced(store, object))
                    .onFailure(DownloadProgress.MissingChunks.class)
                    .transform(missing -> {
                        layouts.invalidate(new Stored(store, object.id()));
                        return unreadable(object, String.valueOf(missing.getMessage()));
                    });
        });
    }

    private static ConsumerDefinition consumer(
            ObjectStoreName store, ObjectInfo object, StartPosition start, boolean headersOnly) {
        ConsumerDefinition whole = new ConsumerDefinition(
                new ConsumerRef(store.stream(), "sluice-object"),
                false,
                List.of(new ObjectId(object.id()).subject(store)),
                AckMode.NONE,
                Duration.ofSeconds(30),
                1,
                -1,
                start,
                UNUSED);
        return headersOnly ? whole.withoutPayloads() : whole;
    }

    private <T> Multi<T> permitted(Multi<T> read) {
        return downloads.guard(read, "Too many objects are downloaded");
    }

    private static long size(Delivery chunk) {
        List<String> sizes = chunk.headers().getOrDefault(MESSAGE_SIZE, List.of());
        return sizes.isEmpty() ? -1 : Long.parseLong(sizes.get(sizes.size() - 1));
    }

    private void requireChunks(ObjectInfo object) {
        if (object.chunks() == 0 ? object.size() > 0 : !object.hasChunks()) {
            throw corrupt(object, "it has no chunks");
        }
    }

    /** The chunks of an object that was replaced meanwhile are not missing. */
    private Uni<Void> countUnlessReplaced(ObjectStoreName store, ObjectInfo object) {
        return stores.present(store, object)
                .onFailure()
                .recoverWithItem(false)
                .invoke(present -> {
                    if (present) {
                        counters.corrupt.increment();
                    }
                })
                .replaceWithVoid();
    }

    private SluiceException corrupt(ObjectInfo object, String how) {
        counters.corrupt.increment();
        return unreadable(object, how);
    }

    private static SluiceException unreadable(ObjectInfo object, String how) {
        return Failure.NO_OBJECT.because("The object " + object.name() + " cannot be read: " + how);
    }

    /** Finds the chunks of a range by their sizes. */
    private static final class Search {
        private final long chunks;
        private final long from;
        private final long end;
        private long number;
        private long offset;
        private long count;
        private @Nullable Place begin;

        Search(ObjectInfo object, long from, long length) {
            this.chunks = object.chunks();
            this.from = from;
            this.end = from + length;
        }

        /** Returns whether the range, or the object, ends with this chunk. */
        boolean next(Delivery chunk) {
            long next = offset + Math.max(0, size(chunk));
            if (begin == null && next > from) {
                begin = new Place(number, chunk.streamSequence(), offset);
            }
            if (begin != null) {
                count++;
            }
            offset = next;
            number++;
            return offset >= end || number == chunks;
        }
    }

    /** The parts of chunks that belong to a range. */
    private final class Slices {
        private final ObjectStoreName store;
        private final ObjectInfo object;
        private final long from;
        private final long end;
        private final long chunkSize;
        private long offset;

        /** @param chunkSize the size that each chunk but the last one must have; 0 for any */
        Slices(ObjectStoreName store, ObjectInfo object, Place begin, long from, long length, long chunkSize) {
            this.store = store;
            this.object = object;
            this.from = from;
            this.end = from + length;
            this.chunkSize = chunkSize;
            this.offset = begin.offset();
        }

        byte[] next(byte[] chunk) {
            if (chunkSize > 0 && chunk.length != Math.min(chunkSize, object.size() - offset)) {
                layouts.invalidate(new Stored(store, object.id()));
                throw corrupt(object, "a chunk has %d bytes".formatted(chunk.length));
            }
            int first = (int) Math.max(0, from - offset);
            int last = (int) Math.min(chunk.length, end - offset);
            offset += chunk.length;
            return first == 0 && last == chunk.length ? chunk : Arrays.copyOfRange(chunk, first, Math.max(first, last));
        }
    }
}
