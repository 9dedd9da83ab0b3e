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
 * One key-value bucket of JetStream. It is the same bucket that {@code nats kv} and the clients of other languages see
 * (ADR-8): a stream whose subjects are the keys.
 *
 * <p>Nothing here blocks; results come on threads of the connection or of stored publishing, so whoever has more to do
 * than pass them on moves to a thread of its own. Writes fail as {@link StoredPublisher} says, and are written once even
 * when they had to be sent again. Everything fails {@code UNAVAILABLE} while the bucket cannot be reached or is not
 * declared yet.
 */
public final class Bucket {
    private static final String EXPECTED_REVISION = "Nats-Expected-Last-Subject-Sequence";
    private static final String OPERATION = "KV-Operation";
    private static final String MARKER_REASON = "Nats-Marker-Reason";
    private static final byte[] NOTHING = {};
    /** A watch is alive as long as its subscriber, however little it asks for. */
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

    /** Whether the server is known to have the bucket as it is defined. */
    public boolean declared() {
        return declaration.inForce();
    }

    /**
     * The present value; empty if the key has none. In a bucket with replicas it may be older, by moments, than a write
     * that has just succeeded: a compare-and-set finds that out.
     */
    public Uni<Optional<BucketEntry>> get(BucketKey key) {
        return last(key).map(entry -> entry.filter(is -> !is.deleted()));
    }

    /**
     * As {@link #get}, from the leader of the bucket's stream, which knows of every write that has succeeded. For what is
     * decided without a compare-and-set; it costs that one server what {@code get} spreads over all.
     */
    public Uni<Optional<BucketEntry>> latest(BucketKey key) {
        return doubting(reads.lastOfLeader(definition.stream(), subjects + key.value()))
                .map(found -> found.map(message -> entry(key, message)).filter(is -> !is.deleted()));
    }

    /** Sets the value, whatever it was. The item is the new revision. */
    public Uni<Long> put(BucketKey key, byte[] value) {
        return write(key, value, Map.of());
    }

    /** Sets the value of a key that has none. Fails {@code WRONG_SEQUENCE} if it has one. The item is the revision. */
    public Uni<Long> create(BucketKey key, byte[] value) {
        return update(key, value, 0)
                .onFailure(failure -> is(failure, Failure.WRONG_SEQUENCE))
                .recoverWithUni(refusal -> last(key).chain(entry -> entry.filter(BucketEntry::deleted)
                        .map(marker -> update(key, value, marker.revision()))
                        .orElseGet(() -> Uni.createFrom().failure(refusal))));
    }

    /**
     * Sets the value if the key's last change is still {@code revision}, else fails {@code WRONG_SEQUENCE}. The item is
     * the new revision.
     */
    public Uni<Long> update(BucketKey key, byte[] value, long revision) {
        return write(key, value, Map.of(EXPECTED_REVISION, List.of(Long.toString(revision))));
    }

    /** Leaves the key without a value; its history stays. The item is the revision of that change. */
    public Uni<Long> delete(BucketKey key) {
        return write(key, NOTHING, Map.of(OPERATION, List.of("DEL")));
    }

    /** As {@link #delete(BucketKey)}, if the key's last change is still {@code revision}. */
    public Uni<Long> delete(BucketKey key, long revision) {
        return write(
                key, NOTHING, Map.of(OPERATION, List.of("DEL"), EXPECTED_REVISION, List.of(Long.toString(revision))));
    }

    /**
     * The present entry of {@code key}, if it ever had one, then every change, deletions too, in the order of their
     * revisions. It never completes, waits while NATS is away and goes on behind the last change it told, without one
     * missing as long as the bucket's history holds it. Each subscription costs the server a consumer, so whoever serves
     * many watchers watches once and fans out.
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
        return read.onFailure(failure -> is(failure, Failure.UNAVAILABLE)).invoke(declaration::doubted);
    }

    private Uni<Long> write(BucketKey key, byte[] value, Map<String, List<String>> headers) {
        return publisher
                .publish(new Publication(writes + key.value(), headers, value))
                .map(Receipt::sequence)
                .onFailure(failure -> is(failure, Failure.NO_STREAM))
                .transform(this::gone);
    }

    private SluiceException gone(Throwable noStream) {
        declaration.doubted();
        return Failure.UNAVAILABLE.because("The bucket " + name() + " is not there", noStream);
    }

    private static boolean is(Throwable thrown, Failure failure) {
        return thrown instanceof SluiceException known && known.failure() == failure;
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

    /** Servers from 2.11 on leave markers of their own, for values that grew too old or were removed. */
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
