package dev.sluice.stream.bucket;

import static java.util.Objects.requireNonNull;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.nats.HeaderBlock;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.StartPosition;
import dev.sluice.stream.message.StoredMessage;
import dev.sluice.stream.publish.Publication;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.PullSubscriptions;
import io.nats.client.Message;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JetStream key-value bucket: a stream whose subjects are the keys (ADR-8). {@code nats kv} and the clients in other
 * languages can use the same bucket.
 *
 * <p>No method blocks. Results arrive on threads of the connection or of stored publishing; a subscriber with longer
 * work must move to another thread. Writes fail as documented by {@link StoredPublisher}; a retried write is stored
 * once. All operations fail {@code UNAVAILABLE} while the bucket is unreachable or not declared yet.
 */
public final class Bucket {
    private static final String EXPECTED_REVISION = "Nats-Expected-Last-Subject-Sequence";
    private static final String OPERATION = "KV-Operation";
    private static final String MARKER_REASON = "Nats-Marker-Reason";
    private static final byte[] NOTHING = {};
    /** The inactive threshold of a watch. A subscriber with little demand must not lose its consumer. */
    private static final Duration WATCHER_UNUSED = Duration.ofMinutes(5);

    private final BucketDefinition definition;
    private final BucketDeclaration declaration;
    private final BucketReads reads;
    private final StoredPublisher publisher;
    private final PullSubscriptions pulls;
    private final String subjects;
    private final String writes;

    Bucket(
            BucketDefinition definition,
            BucketDeclaration declaration,
            BucketReads reads,
            StoredPublisher publisher,
            PullSubscriptions pulls,
            String apiPrefix) {
        this.definition = definition;
        this.declaration = declaration;
        this.reads = reads;
        this.publisher = publisher;
        this.pulls = pulls;
        subjects = "$KV." + definition.name() + ".";
        writes = apiPrefix.equals(JetStreamApi.DEFAULT_PREFIX) ? subjects : apiPrefix + "." + subjects;
    }

    public String name() {
        return definition.name();
    }

    /** Returns whether the server has confirmed the bucket as defined. */
    public boolean declared() {
        return declaration.inForce();
    }

    /**
     * Returns the current value; empty if the key has none. In a replicated bucket the value may be slightly older than
     * a write that has just succeeded. A compare-and-set detects that.
     */
    public Uni<Optional<BucketEntry>> get(BucketKey key) {
        return last(key).map(entry -> entry.filter(is -> !is.deleted()));
    }

    /**
     * As {@link #get}, but reads from the leader of the bucket's stream, which has every successful write. For
     * decisions without a compare-and-set. All such reads load the leader; {@code get} spreads reads over all replicas.
     */
    public Uni<Optional<BucketEntry>> latest(BucketKey key) {
        return doubting(reads.lastOfLeader(definition.stream(), subjects + key.value()))
                .map(found -> found.map(message -> entry(key, message)).filter(is -> !is.deleted()));
    }

    /** Sets the value unconditionally. The item is the new revision. */
    public Uni<Long> put(BucketKey key, byte[] value) {
        return write(key, value, Map.of());
    }

    /** Sets the value of a key without a value, else fails {@code WRONG_SEQUENCE}. The item is the new revision. */
    public Uni<Long> create(BucketKey key, byte[] value) {
        return update(key, value, 0).onFailure(Failure.WRONG_SEQUENCE::matches).recoverWithUni(refusal -> last(key)
                .chain(entry -> entry.filter(BucketEntry::deleted)
                        .map(marker -> update(key, value, marker.revision()))
                        .orElseGet(() -> Uni.createFrom().failure(refusal))));
    }

    /**
     * Sets the value if the key's last revision is {@code revision}, else fails {@code WRONG_SEQUENCE}. The item is
     * the new revision.
     */
    public Uni<Long> update(BucketKey key, byte[] value, long revision) {
        return write(key, value, Map.of(EXPECTED_REVISION, List.of(Long.toString(revision))));
    }

    /** Deletes the value and keeps the history of the key. The item is the revision of the deletion. */
    public Uni<Long> delete(BucketKey key) {
        return write(key, NOTHING, Map.of(OPERATION, List.of("DEL")));
    }

    /** Deletes the value if the key's last revision is {@code revision}, else fails {@code WRONG_SEQUENCE}. */
    public Uni<Long> delete(BucketKey key, long revision) {
        return write(
                key, NOTHING, Map.of(OPERATION, List.of("DEL"), EXPECTED_REVISION, List.of(Long.toString(revision))));
    }

    /**
     * Emits the current entry of {@code key}, if any, then every change including deletions, in revision order. Never
     * completes. After a disconnect it resumes after the last emitted change, without a gap if the bucket's history
     * still has the changes. Each subscription creates a consumer at the server; to serve many watchers, watch once and
     * fan out.
     */
    public Multi<BucketEntry> watch(BucketKey key) {
        return watch(key.value());
    }

    /** As {@link #watch(BucketKey)}, for all keys. */
    public Multi<BucketEntry> watchAll() {
        return watch(">");
    }

    private Multi<BucketEntry> watch(String keys) {
        ConsumerDefinition watcher = new ConsumerDefinition(
                new ConsumerRef(definition.stream(), "sluice-watch"),
                false,
                List.of(subjects + keys),
                AckMode.NONE,
                Duration.ofSeconds(30),
                1,
                -1,
                StartPosition.Edge.LAST_PER_SUBJECT,
                WATCHER_UNUSED);
        return Uni.createFrom()
                .completionStage(declaration::firstTime)
                .onItem()
                .transformToMulti(declared -> pulls.pull(watcher, pulls.options()))
                .map(this::entry);
    }

    private Uni<Optional<BucketEntry>> last(BucketKey key) {
        return doubting(reads.last(definition.stream(), subjects + key.value()))
                .map(found -> found.map(message -> entry(key, message)));
    }

    private <T> Uni<T> doubting(Uni<T> read) {
        return read.onFailure(Failure.UNAVAILABLE::matches).invoke(declaration::doubted);
    }

    private Uni<Long> write(BucketKey key, byte[] value, Map<String, List<String>> headers) {
        return publisher
                .publish(new Publication(writes + key.value(), headers, value))
                .map(Receipt::sequence)
                .onFailure(Failure.NO_STREAM::matches)
                .transform(this::gone);
    }

    private SluiceException gone(Throwable noStream) {
        declaration.doubted();
        return Failure.UNAVAILABLE.because("The bucket " + name() + " is not there", noStream);
    }

    private BucketEntry entry(Delivery delivery) {
        Map<String, List<String>> headers = delivery.headers();
        return new BucketEntry(
                delivery.subject().substring(subjects.length()),
                delivery.data(),
                delivery.streamSequence(),
                delivery.timestamp(),
                operation(first(headers, OPERATION), first(headers, MARKER_REASON)));
    }

    private static @Nullable String first(Map<String, List<String>> headers, String name) {
        List<String> values = headers.get(name);
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    private static BucketEntry entry(BucketKey key, StoredMessage message) {
        Map<String, List<String>> headers = message.headers();
        return new BucketEntry(
                key.value(),
                message.data(),
                message.sequence(),
                message.at(),
                operation(first(headers, OPERATION), first(headers, MARKER_REASON)));
    }

    private static BucketEntry entry(BucketKey key, Message message) {
        Map<String, List<String>> headers = HeaderBlock.headers(message);
        return new BucketEntry(
                key.value(),
                message.getData(),
                Long.parseLong(requireNonNull(first(headers, "Nats-Sequence"))),
                OffsetDateTime.parse(requireNonNull(first(headers, "Nats-Time-Stamp")))
                        .toInstant(),
                operation(first(headers, OPERATION), first(headers, MARKER_REASON)));
    }

    /** Servers since 2.11 also write markers for expired or removed values. */
    private static BucketEntry.Operation operation(@Nullable String operation, @Nullable String markerReason) {
        if (operation != null) {
            return switch (operation) {
                case "DEL" -> BucketEntry.Operation.DELETE;
                case "PURGE" -> BucketEntry.Operation.PURGE;
                default -> BucketEntry.Operation.PUT;
            };
        }
        if (markerReason != null) {
            return markerReason.equals("Remove") ? BucketEntry.Operation.DELETE : BucketEntry.Operation.PURGE;
        }
        return BucketEntry.Operation.PUT;
    }
}
