package dev.sluice.stream.bucket;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.stream.Declared;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.ListPage;
import dev.sluice.stream.StreamInfo;
import io.nats.client.support.JsonValue;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lists, inspects, creates, changes and deletes the buckets at the server, whichever client created them, and opens
 * them. A bucket is a stream with the name and the subject of ADR-8; mirrors of buckets are not. Missing ones, and those
 * of Sluice itself, fail {@code NO_BUCKET}. Answers arrive on a thread of the connection.
 */
@Singleton
public final class BucketCatalog {
    /** API level (ADR-44) from which on a server has markers. */
    private static final int LEVEL_OF_MARKERS = 1;

    private static final String SUBJECTS = "$KV.>";
    /** Time during which an opened bucket is believed to exist. A read or write that finds it missing ends it. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private static final int MAX_OPENED = 1_000;

    private final JetStreamApi api;
    private final Buckets buckets;
    private final Cache<BucketName, Bucket> opened = Caffeine.newBuilder()
            .maximumSize(MAX_OPENED)
            .expireAfterWrite(FRESH)
            .build();

    @Inject
    public BucketCatalog(JetStreamApis jetStream, Buckets buckets, BucketConfig config) {
        this.buckets = buckets;
        api = jetStream.publishing(config.timeout());
    }

    /** Returns a page of the buckets, at most 256. {@code offset} counts other streams too. */
    public Uni<ListPage<BucketInfo>> list(int offset) {
        return api.streams(SUBJECTS, offset).map(page -> page.as(
                        BucketInfo::of, stream -> BucketName.ofStream(stream).map(BucketName::value))
                .only(bucket -> !bucket.name().internal(), name -> !new BucketName(name).internal()));
    }

    public Uni<BucketInfo> info(BucketName name) {
        return described(name).map(found -> found.orElseThrow(() -> name.missing()));
    }

    /** Opens an existing bucket. A positive answer is cached for five seconds. */
    public Uni<Bucket> open(BucketName name) {
        return Uni.createFrom().deferred(() -> {
            Bucket known = opened.getIfPresent(name);
            return known != null ? Uni.createFrom().item(known) : found(name);
        });
    }

    /** As {@link #open}, for a value with a time to live: that the bucket does not allow it is not taken from the cache. */
    public Uni<Bucket> openForExpiring(BucketName name) {
        return open(name).chain(known -> known.expiring() ? Uni.createFrom().item(known) : found(name));
    }

    private Uni<Bucket> found(BucketName name) {
        return info(name).map(info -> buckets.found(info, new Found(name))).invoke(it -> opened.put(name, it));
    }

    /**
     * Creates the bucket, or changes it to {@code settings}; settings that they do not have stay. Fails
     * {@code CONFLICT} if the stream of this name is not a bucket, the bucket is sealed, or the server does not permit the change,
     * {@code NOT_SUPPORTED} for markers on servers before 2.11, {@code INVALID} for other refusals.
     */
    public Uni<Declared<BucketInfo>> declare(BucketSettings settings) {
        BucketName name = settings.name();
        return Uni.createFrom().deferred(() -> {
            requirePublic(name);
            return requireMarkers(settings)
                    .chain(() -> api.declareStream(
                            name.stream(), settings.over(Map.of()), actual -> changed(settings, actual)))
                    .map(declared ->
                            declared.map(stream -> BucketInfo.of(stream).orElseThrow(() -> name.missing())))
                    .call(declared -> requireMarkers(settings, declared))
                    .onTermination()
                    .invoke(() -> opened.invalidate(name));
        });
    }

    /** Deletes the bucket with all its values. */
    public Uni<Void> delete(BucketName name) {
        return info(name)
                .chain(found -> api.deleteStream(name.stream()))
                .onFailure(Failure.NO_STREAM::matches)
                .transform(gone -> name.missing())
                .onTermination()
                .invoke(() -> opened.invalidate(name))
                .replaceWithVoid();
    }

    private Uni<Optional<BucketInfo>> described(BucketName name) {
        if (name.internal()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return api.streamInfo(name.stream())
                .map(BucketInfo::of)
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithItem(Optional.empty());
    }

    private static Map<String, JsonValue> changed(BucketSettings settings, StreamInfo actual) {
        BucketInfo before = BucketInfo.of(actual)
                .orElseThrow(() -> Failure.CONFLICT.because("The stream " + actual.name() + " is not a bucket"));
        if (before.sealed()) {
            throw Failure.CONFLICT.because("The bucket " + before.name() + " is sealed");
        }
        String storage = settings.storage().orElse(before.storage());
        if (!storage.equals(before.storage())) {
            throw Failure.CONFLICT.because("The storage of a bucket cannot be changed; it is " + before.storage());
        }
        return settings.over(actual.configuration());
    }

    private Uni<Void> requireMarkers(BucketSettings settings) {
        return settings.markerTtl().isEmpty()
                ? Uni.createFrom().voidItem()
                : api.apiLevel()
                        .invoke(level -> {
                            if (level < LEVEL_OF_MARKERS) {
                                throw withoutMarkers();
                            }
                        })
                        .replaceWithVoid();
    }

    /**
     * Fails if the server has ignored the markers, as the leader of an older version does; deletes a bucket that it has just
     * created without them.
     */
    private Uni<Void> requireMarkers(BucketSettings settings, Declared<BucketInfo> declared) {
        if (settings.markerTtl().isEmpty() || declared.value().markerTtl() != null) {
            return Uni.createFrom().voidItem();
        }
        Uni<Void> undone = declared.created()
                ? api.deleteStream(declared.value().name().stream())
                : Uni.createFrom().voidItem();
        return undone.invoke(() -> {
            throw withoutMarkers();
        });
    }

    private static SluiceException withoutMarkers() {
        return Failure.NOT_SUPPORTED.because("marker_ttl needs a NATS server 2.11 or newer");
    }

    private static void requirePublic(BucketName name) {
        if (name.internal()) {
            throw Failure.RESERVED_SUBJECT.because("The bucket " + name + " belongs to Sluice itself");
        }
    }

    /** The presence of a bucket that this catalog has opened. */
    private final class Found implements BucketPresence {
        private final BucketName name;

        Found(BucketName name) {
            this.name = name;
        }

        @Override
        public boolean exists() {
            return true;
        }

        @Override
        public CompletionStage<Void> firstTime() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Uni<Throwable> explain(Throwable failure) {
            opened.invalidate(name);
            return described(name)
                    .<Throwable>map(found -> found.isEmpty() ? name.missing() : failure)
                    .onFailure()
                    .recoverWithItem(failure);
        }
    }
}
