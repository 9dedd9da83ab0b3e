package dev.sluice.stream.bucket;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.failure.Failure;
import dev.sluice.flow.Limit;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.message.DirectMessage;
import io.nats.client.Message;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Reads entries of buckets, within the read limit shared by all buckets. Remembers the revisions that were recently
 * written here: a replica may not have them yet.
 */
final class BucketReads {
    /** Maximum number of remembered writes. A read after an evicted one may be older than it. */
    private static final int MAX_WRITES = 10_000;

    /** Time after which every replica that answers is expected to have a write. */
    private static final Duration REMEMBERED = Duration.ofSeconds(30);

    private final JetStreamApi api;
    private final Limit limit;
    private final Cache<Written, Long> writes = Caffeine.newBuilder()
            .maximumSize(MAX_WRITES)
            .expireAfterWrite(REMEMBERED)
            .build();

    private record Written(BucketName bucket, String key) {}

    BucketReads(JetStreamApi api, Limit limit) {
        this.api = api;
        this.limit = limit;
    }

    /** Remembers a successful write. */
    void written(BucketName bucket, String key, long revision) {
        writes.asMap().merge(new Written(bucket, key), revision, Math::max);
    }

    /** Returns the last revision of the key that was recently written here; 0 if there is none. */
    long lastWritten(BucketName bucket, String key) {
        Long revision = writes.getIfPresent(new Written(bucket, key));
        return revision == null ? 0 : revision;
    }

    /**
     * Reads from any replica. Reads from the leader if a mirror replies, which may keep deleted values, or if the reply
     * cannot be read.
     */
    Uni<Optional<BucketEntry>> last(BucketName bucket, String key) {
        return permitted(api.directLastMessage(bucket.stream(), bucket.prefix() + key))
                .chain(reply -> reply.isEmpty()
                        ? Uni.createFrom().item(Optional.empty())
                        : direct(bucket, key, reply.get())
                                .map(entry -> Uni.createFrom().item(Optional.of(entry)))
                                .orElseGet(() -> lastOfLeader(bucket, key)));
    }

    /** Fails {@code UNAVAILABLE} if the leader may have been replaced, see {@link JetStreamApi#requireMajority}. */
    Uni<Void> requireMajority(BucketName bucket) {
        return permitted(api.requireMajority(bucket.stream()));
    }

    /** Reads from the leader of the stream, which has every successful write unless it was replaced. */
    Uni<Optional<BucketEntry>> lastOfLeader(BucketName bucket, String key) {
        return ofLeader(bucket, api.lastMessage(bucket.stream(), bucket.prefix() + key));
    }

    /** Reads the first entry of the key from {@code revision} on, from the leader. */
    Uni<Optional<BucketEntry>> nextOfLeader(BucketName bucket, String key, long revision) {
        return ofLeader(bucket, api.nextMessage(bucket.stream(), Math.max(1, revision), bucket.prefix() + key));
    }

    private Uni<Optional<BucketEntry>> ofLeader(BucketName bucket, Uni<StoredMessage> read) {
        return permitted(read.map(message -> Optional.of(stored(bucket, message)))
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithItem(Optional.empty()));
    }

    private static Optional<BucketEntry> direct(BucketName bucket, String key, Message reply) {
        return DirectMessage.read(reply, Set.of())
                .filter(stored -> stored.stream().equals(bucket.stream()))
                .map(stored -> BucketEntry.of(key, stored.data(), stored.sequence(), stored.at(), stored.headers()));
    }

    private static BucketEntry stored(BucketName bucket, StoredMessage message) {
        return BucketEntry.of(
                message.subject().substring(bucket.prefix().length()),
                message.data(),
                message.sequence(),
                message.at(),
                message.headers());
    }

    private <T> Uni<T> permitted(Uni<T> read) {
        return limit.guard(read, "Too many reads of buckets are under way");
    }
}
