package dev.sluice.stream.bucket;

import dev.sluice.failure.Failure;
import dev.sluice.flow.FlatMapMany;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.stream.AckMode;
import dev.sluice.stream.ConsumerDefinition;
import dev.sluice.stream.ConsumerRef;
import dev.sluice.stream.JetStreamErrors;
import dev.sluice.stream.StartPosition;
import dev.sluice.stream.publish.Publication;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import dev.sluice.stream.pull.Delivery;
import dev.sluice.stream.pull.PullSubscriptions;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A JetStream key-value bucket: a stream whose subjects are the keys (ADR-8). {@code nats kv} and the clients in other
 * languages can use the same bucket.
 *
 * <p>No method blocks. Results arrive on threads of the connection or of stored publishing; a subscriber with longer
 * work must move to another thread. Writes fail as documented by {@link StoredPublisher}; a retried write is stored
 * once. All operations fail {@code UNAVAILABLE} while the bucket is unreachable or not created yet. A bucket that was
 * found and not declared fails {@code NO_BUCKET} when it has been deleted.
 */
public final class Bucket {
    private static final String OPERATION = "KV-Operation";
    private static final byte[] NOTHING = {};
    /** Attempts to create a key whose marker changes or expires meanwhile. Policy: then the creation fails. */
    private static final int CREATE_ATTEMPTS = 3;
    /** The inactive threshold of a watch. A subscriber with little demand must not lose its consumer. */
    private static final Duration WATCHER_UNUSED = Duration.ofMinutes(5);

    private final BucketName name;
    private final BucketPresence presence;
    private final Replicas replicas;
    private final BucketReads reads;
    private final StoredPublisher publisher;
    private final PullSubscriptions pulls;
    private final String subjects;
    private final String writes;

    /**
     * How the bucket is stored.
     *
     * @param direct whether each server answers direct gets
     * @param several whether several servers store it, so that the answering server may be behind
     * @param expiring whether a value may have a time to live of its own
     */
    record Replicas(boolean direct, boolean several, boolean expiring) {}

    /** @param writes what precedes the key in the subjects that its values are published to */
    Bucket(
            BucketName name,
            BucketPresence presence,
            Replicas replicas,
            BucketReads reads,
            StoredPublisher publisher,
            PullSubscriptions pulls,
            String writes) {
        this.name = name;
        this.presence = presence;
        this.replicas = replicas;
        this.reads = reads;
        this.publisher = publisher;
        this.pulls = pulls;
        subjects = name.prefix();
        this.writes = writes;
    }

    /** Returns whether the server has confirmed that the bucket exists. Its settings may differ from its definition. */
    public boolean exists() {
        return presence.exists();
    }

    /** Returns whether a value may have a time to live of its own (ADR-48). */
    public boolean expiring() {
        return replicas.expiring();
    }

    /**
     * Returns the current value; empty if the key has none. In a replicated bucket the value may be slightly older than
     * a write that has just succeeded. A compare-and-set detects that.
     */
    public Uni<Optional<BucketEntry>> get(BucketKey key) {
        return checked(reads.last(name, key.value())).map(Bucket::value);
    }

    /**
     * As {@link #get}, but reads from the leader of the bucket's stream, which has every successful write. For
     * decisions without a compare-and-set. All such reads load the leader; {@code get} spreads reads over all replicas.
     */
    public Uni<Optional<BucketEntry>> latest(BucketKey key) {
        return last(key).map(Bucket::value);
    }

    /**
     * Returns the last entry of the key, also a deletion marker, from the leader. Only a leader that hears from a
     * majority is trusted that there is none; else it fails {@code UNAVAILABLE}.
     */
    public Uni<Optional<BucketEntry>> last(BucketKey key) {
        return trusted(ofLeader(key));
    }

    /**
     * Returns the last entry of the key, also a deletion marker. It is not older than a write of this instance within
     * the last seconds, nor than {@code known}. That there is none is trusted as in {@link #last(BucketKey)}.
     *
     * @param known a revision of the key that the caller knows; 0 for none
     */
    public Uni<Optional<BucketEntry>> last(BucketKey key, long known) {
        return trusted(recent(key, known));
    }

    /**
     * As {@link #last(BucketKey, long)}, for a write that follows. It trusts any leader that there is none: through one
     * without a majority the write does not succeed either.
     */
    public Uni<Optional<BucketEntry>> beforeWrite(BucketKey key) {
        return recent(key, 0);
    }

    /**
     * As {@link #last(BucketKey, long)}, for a key that a {@link KeyListing} has. It may be one that {@link BucketKey}
     * rejects, as another client can store it. Then it is read from the leader, whose request takes any text.
     */
    public Uni<Optional<BucketEntry>> listed(String key) {
        return BucketKey.valid(key)
                ? last(new BucketKey(key), 0)
                : trusted(checked(reads.lastOfLeader(name, key)))
                        .map(found -> found.filter(entry -> entry.key().equals(key)));
    }

    private Uni<Optional<BucketEntry>> trusted(Uni<Optional<BucketEntry>> read) {
        return replicas.several()
                ? read.call(
                        found -> found.isPresent() ? Uni.createFrom().voidItem() : checked(reads.requireMajority(name)))
                : read;
    }

    private Uni<Optional<BucketEntry>> ofLeader(BucketKey key) {
        return checked(reads.lastOfLeader(name, key.value()));
    }

    private Uni<Optional<BucketEntry>> recent(BucketKey key, long known) {
        if (!replicas.direct()) {
            return ofLeader(key);
        }
        Uni<Optional<BucketEntry>> any = checked(reads.last(name, key.value()));
        if (!replicas.several()) {
            // A mirror that answers for the bucket may not have the key yet.
            return any.chain(entry -> entry.isPresent() ? Uni.createFrom().item(entry) : ofLeader(key));
        }
        return any.chain(entry -> {
            long least = Math.max(known, reads.lastWritten(name, key.value()));
            boolean recent = entry.filter(found -> found.revision() >= least).isPresent();
            return recent ? Uni.createFrom().item(entry) : ofLeader(key);
        });
    }

    /** Returns the entry of the key with this revision; empty if the bucket does not hold it. Reads from the leader. */
    public Uni<Optional<BucketEntry>> at(BucketKey key, long revision) {
        return nextOfLeader(key, revision).map(found -> found.filter(entry -> entry.revision() == revision));
    }

    /** Returns the revisions of the key from {@code first} on that the bucket holds, markers included, oldest first. */
    public Multi<BucketEntry> history(BucketKey key, long first) {
        return Multi.createBy()
                .repeating()
                .uni(() -> new History(first), history -> history.next(key))
                .whilst(Optional::isPresent)
                .filter(Optional::isPresent)
                .map(Optional::orElseThrow);
    }

    private final class History {
        private long next;

        History(long first) {
            next = first;
        }

        Uni<Optional<BucketEntry>> next(BucketKey key) {
            return nextOfLeader(key, next).invoke(found -> found.ifPresent(entry -> next = entry.revision() + 1));
        }
    }

    private Uni<Optional<BucketEntry>> nextOfLeader(BucketKey key, long first) {
        return trusted(checked(reads.nextOfLeader(name, key.value(), first)));
    }

    /** Sets the value unconditionally. The item is the new revision. */
    public Uni<Long> put(BucketKey key, byte[] value) {
        return put(key, value, Map.of());
    }

    /** As {@link #put(BucketKey, byte[])}, with message headers. */
    public Uni<Long> put(BucketKey key, byte[] value, Map<String, List<String>> headers) {
        return write(key, value, headers);
    }

    /** Sets the value of a key without a value, else fails {@code WRONG_SEQUENCE}. The item is the new revision. */
    public Uni<Long> create(BucketKey key, byte[] value) {
        return create(key, value, Map.of());
    }

    /**
     * As {@link #create(BucketKey, byte[])}, with message headers. A value with a time to live in place of a marker removes the
     * history of the key.
     */
    public Uni<Long> create(BucketKey key, byte[] value, Map<String, List<String>> headers) {
        return create(key, value, headers, CREATE_ATTEMPTS);
    }

    private Uni<Long> create(BucketKey key, byte[] value, Map<String, List<String>> headers, int attempts) {
        return update(key, value, headers, 0)
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .recoverWithUni(refusal -> last(key)
                        .chain(entry -> attempts == 1
                                        || entry.filter(found -> !found.deleted())
                                                .isPresent()
                                ? Uni.createFrom().failure(refusal)
                                : overMarker(key, value, headers, entry)
                                        .onFailure(Failure.WRONG_SEQUENCE::matches)
                                        .recoverWithUni(() -> create(key, value, headers, attempts - 1))));
    }

    /** A value that expires also removes the history: the server stores no marker while an older revision is left. */
    private Uni<Long> overMarker(
            BucketKey key, byte[] value, Map<String, List<String>> headers, Optional<BucketEntry> marker) {
        Map<String, List<String>> all =
                headers.containsKey(NatsHeaders.TTL) ? with(headers, NatsHeaders.ROLLUP, "sub") : headers;
        return update(key, value, all, marker.map(BucketEntry::revision).orElse(0L));
    }

    /**
     * Sets the value if the key's last revision is {@code revision}, else fails {@code WRONG_SEQUENCE}. The item is
     * the new revision.
     */
    public Uni<Long> update(BucketKey key, byte[] value, long revision) {
        return update(key, value, Map.of(), revision);
    }

    /** As {@link #update(BucketKey, byte[], long)}, with message headers. */
    public Uni<Long> update(BucketKey key, byte[] value, Map<String, List<String>> headers, long revision) {
        return write(key, value, with(headers, NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(revision)));
    }

    /** Deletes the value and keeps the history of the key. The item is the revision of the deletion. */
    public Uni<Long> delete(BucketKey key) {
        return delete(key, OptionalLong.empty());
    }

    /** Deletes the value if the key's last revision is {@code revision}, else fails {@code WRONG_SEQUENCE}. */
    public Uni<Long> delete(BucketKey key, long revision) {
        return delete(key, OptionalLong.of(revision));
    }

    private Uni<Long> delete(BucketKey key, OptionalLong revision) {
        return write(key, NOTHING, expecting(with(Map.of(), OPERATION, "DEL"), revision));
    }

    /**
     * Deletes the value and the history of the key. The item is the revision of the purge.
     *
     * @param revision the last revision that the key must have, else it fails {@code WRONG_SEQUENCE}
     * @param headers message headers of the marker
     */
    public Uni<Long> purge(BucketKey key, OptionalLong revision, Map<String, List<String>> headers) {
        return write(
                key, NOTHING, expecting(with(with(headers, OPERATION, "PURGE"), NatsHeaders.ROLLUP, "sub"), revision));
    }

    private static Map<String, List<String>> expecting(Map<String, List<String>> headers, OptionalLong revision) {
        return revision.isPresent()
                ? with(headers, NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(revision.getAsLong()))
                : headers;
    }

    private static Map<String, List<String>> with(Map<String, List<String>> headers, String name, String value) {
        Map<String, List<String>> all = new LinkedHashMap<>(headers);
        all.put(name, List.of(value));
        return all;
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
                new ConsumerRef(name.stream(), "sluice-watch"),
                false,
                List.of(subjects + keys),
                AckMode.NONE,
                Duration.ofSeconds(30),
                1,
                -1,
                StartPosition.Edge.LAST_PER_SUBJECT,
                WATCHER_UNUSED);
        return Uni.createFrom()
                .completionStage(presence::firstTime)
                .stage(FlatMapMany.flatMapMany(declared -> pulls.pull(watcher, pulls.options())))
                .map(this::entry);
    }

    private static Optional<BucketEntry> value(Optional<BucketEntry> last) {
        return last.filter(entry -> !entry.deleted());
    }

    private Uni<Long> write(BucketKey key, byte[] value, Map<String, List<String>> headers) {
        return checked(publisher.publish(new Publication(writes + key.value(), headers, value)))
                .onFailure(failure -> JetStreamErrors.hasCode(failure, JetStreamErrors.STREAM_SEALED))
                .transform(failure ->
                        Failure.CONFLICT.because("The bucket " + name + " is sealed", JetStreamErrors.STREAM_SEALED))
                .map(Receipt::sequence)
                .invoke(revision -> {
                    if (replicas.several()) {
                        reads.written(name, key.value(), revision);
                    }
                });
    }

    private <T> Uni<T> checked(Uni<T> operation) {
        return operation
                .onFailure(failure -> Failure.UNAVAILABLE.matches(failure) || Failure.NO_STREAM.matches(failure))
                .recoverWithUni(failure -> presence.explain(failure)
                        .chain(reason -> Uni.createFrom().failure(reason)));
    }

    private BucketEntry entry(Delivery delivery) {
        return BucketEntry.of(
                delivery.subject().substring(subjects.length()),
                delivery.data(),
                delivery.streamSequence(),
                delivery.timestamp(),
                delivery.headers());
    }
}
