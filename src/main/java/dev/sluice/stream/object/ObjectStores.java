package dev.sluice.stream.object;

import dev.sluice.failure.Failure;
import dev.sluice.failure.SluiceException;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Limited;
import dev.sluice.nats.NatsHeaders;
import dev.sluice.nats.NatsLink;
import dev.sluice.nats.NatsLinks;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.JetStreamErrors;
import dev.sluice.stream.StoredMessage;
import dev.sluice.stream.publish.Publication;
import dev.sluice.stream.publish.PublishConfig;
import dev.sluice.stream.publish.Receipt;
import dev.sluice.stream.publish.StoredPublisher;
import io.nats.client.NUID;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes, describes and deletes objects (ADR-20). An object becomes visible with its metadata, one message that is
 * stored after all chunks: a reader sees the previous object or the new one. The chunks of the previous one are removed
 * after that. An upload that fails removes its chunks itself.
 *
 * <p>Metadata are read from the leader of the stream, which has every successful write unless it was replaced. That there
 * are none is believed only while it hears from a majority of the servers. Operations fail
 * {@code NO_OBJECT_STORE} or {@code NO_OBJECT} if there is none, and otherwise as documented by
 * {@link StoredPublisher}.
 */
@Singleton
public final class ObjectStores implements Limited {
    private static final Logger LOG = Logger.getLogger(ObjectStores.class);
    /** Size of a chunk that is written here (ADR-20). */
    private static final int CHUNK_SIZE = 128 * 1024;
    /** What a chunk needs besides its data in the maximum payload of the server. */
    private static final int HEADERS_SIZE = 1024;

    /** Maximum number of links that lead to an object. */
    private static final int MAX_LINKS = 8;
    /** Maximum number of attempts to replace an object that others replace at the same time. */
    private static final int ROUNDS = 8;

    private final NatsLink link;
    private final JetStreamApi api;
    private final StoredPublisher publisher;
    private final Limit uploads;
    private final int window;
    private final Duration sweepAge;
    private final ObjectCounters counters = new ObjectCounters();

    @Inject
    public ObjectStores(
            NatsLinks links,
            JetStreamApis jetStream,
            StoredPublisher publisher,
            PublishConfig publishing,
            ObjectConfig config) {
        this.link = links.publishing();
        this.publisher = publisher;
        api = jetStream.publishing(config.timeout());
        uploads = new Limit("sluice.publish.uploads", publishing.uploads());
        window = publishing.uploadWindow();
        sweepAge = config.sweep().age();
    }

    /** An object, and the store that has it. */
    public record Found(ObjectStoreName store, ObjectInfo object) {}

    /**
     * A stored object.
     *
     * @param created whether there was no object of this name before
     */
    public record Stored(ObjectInfo object, boolean created) {}

    public ObjectCounters counters() {
        return counters;
    }

    /** Returns the number of uploads under way. */
    public long uploads() {
        return uploads.taken();
    }

    @Override
    public List<Limit> limits() {
        return List.of(uploads);
    }

    /** Returns the size of the chunks to write: less than usual only if the server takes no larger messages. */
    public int chunkSize() {
        long most = link.connection().getServerInfo().getMaxPayload() - HEADERS_SIZE;
        return (int) Math.max(1, Math.min(CHUNK_SIZE, most));
    }

    /** Returns the object, or the link, of this name; empty if there is none. */
    public Uni<Optional<ObjectInfo>> find(ObjectStoreName store, ObjectName name) {
        return trusted(store, name).map(found -> found.filter(object -> !object.deleted()));
    }

    /**
     * Returns the object of this name, or that to which its links lead. Fails {@code NO_OBJECT} if they lead nowhere.
     *
     * @param permitted checks each store and name before it is read, and throws if the caller may not read it
     */
    public Uni<Found> resolve(ObjectStoreName store, ObjectName name, Permission permitted) {
        return resolve(store, name, permitted, MAX_LINKS);
    }

    /** Decides whether a write may replace what has the name now: an object, a link, or nothing. */
    public interface Condition {
        Uni<Boolean> holds(Optional<ObjectInfo> present);
    }

    /** Checks whether a caller may read an object. */
    public interface Permission {
        void require(ObjectStoreName store, ObjectName name);
    }

    private Uni<Found> resolve(ObjectStoreName store, ObjectName name, Permission permitted, int links) {
        permitted.require(store, name);
        return find(store, name).chain(found -> {
            ObjectInfo object = found.orElseThrow(() -> noObject(store, name));
            ObjectLink next = object.link();
            if (next == null) {
                return Uni.createFrom().item(new Found(store, object));
            }
            if (links == 0) {
                throw Failure.NO_OBJECT.because("More than " + MAX_LINKS + " links follow each other");
            }
            ObjectStoreName target = ObjectStoreName.of(next.store())
                    .orElseThrow(() -> Failure.NO_OBJECT.because("The link " + name + " leads to no object store"));
            ObjectName leadsTo = next.object()
                    .filter(ObjectName::valid)
                    .map(ObjectName::new)
                    .orElseThrow(() -> Failure.NO_OBJECT.because(
                            "The link " + name + " leads to the object store " + target + ", not to an object"));
            return resolve(target, leadsTo, permitted, links - 1);
        });
    }

    /**
     * Stores an object with the bytes of {@code chunks}. If they fail, nothing becomes visible, and their chunks are
     * removed before the failure is emitted.
     *
     * @param headers headers to store with the object
     * @param condition if it does not hold, the write fails {@code WRONG_REVISION}. Checked before the first chunk is
     *     requested and when the object becomes visible
     * @param chunks the content in chunks of {@link #chunkSize()}, only the last one smaller
     * @param check if it fails, nothing becomes visible
     */
    public Uni<Stored> put(
            ObjectStoreName store,
            ObjectName name,
            Map<String, List<String>> headers,
            Condition condition,
            Multi<byte[]> chunks,
            ContentCheck check) {
        return uploads.guard(
                Uni.createFrom().deferred(() -> new Put(store, name, headers, condition, check).run(chunks)),
                "Too many objects are uploaded; nothing was stored");
    }

    /**
     * Deletes the object, or the link, of this name, and its chunks.
     *
     * @param condition as for {@link #put}
     */
    public Uni<Void> delete(ObjectStoreName store, ObjectName name, Condition condition) {
        return trusted(store, name)
                .chain(present -> {
                    ObjectInfo object =
                            present.filter(found -> !found.deleted()).orElseThrow(() -> noObject(store, name));
                    return require(condition, present)
                            .chain(() -> publish(object.subject(), object.deletion(), object.sequence()))
                            .chain(receipt -> purgeChunks(store, object));
                })
                .onFailure(Failure.WRONG_SEQUENCE::matches)
                .retry()
                .atMost(ROUNDS)
                .onFailure()
                .transform(failure -> explained(store, failure));
    }

    /** Removes the chunks with this id. A failure is counted; the sweep removes what is left. */
    Uni<Void> purge(ObjectStoreName store, ObjectId id) {
        return api.purge(store.stream(), id.subject(store))
                .replaceWithVoid()
                .onFailure(Failure.NO_STREAM::matches)
                .recoverWithNull()
                .onFailure()
                .recoverWithUni(failure -> {
                    counters.unpurged.increment();
                    LOG.warnf(
                            "The chunks %s of the object store %s were not removed: %s",
                            id, store, failure.getMessage());
                    return Uni.createFrom().voidItem();
                });
    }

    private Uni<Void> purgeChunks(ObjectStoreName store, ObjectInfo object) {
        return object.hasChunks()
                ? purge(store, new ObjectId(object.id()))
                : Uni.createFrom().voidItem();
    }

    /** As {@link #last}; fails {@code UNAVAILABLE} if a replaced leader may be the one that found none. */
    private Uni<Optional<ObjectInfo>> trusted(ObjectStoreName store, ObjectName name) {
        return last(store, name)
                .map(Last::object)
                .call(found -> found.isPresent() ? Uni.createFrom().voidItem() : api.requireMajority(store.stream()))
                .onFailure(Failure.NO_STREAM::matches)
                .transform(gone -> store.missing());
    }

    /**
     * The last message of a name, which a write replaces.
     *
     * @param sequence what a write expects: 0 if there is no message, or that of an object of another name, which stays
     * @param object empty if the message is none of this name, or cannot be read
     */
    private record Last(String subject, long sequence, Optional<ObjectInfo> object) {
        boolean visible() {
            return object.filter(found -> !found.deleted()).isPresent();
        }
    }

    /**
     * Returns the last metadata of this name: those of the object under any of its subjects, else those of a deleted one,
     * else the message of the subject to write.
     */
    private Uni<Last> last(ObjectStoreName store, ObjectName name) {
        List<String> subjects = name.encodings().stream()
                .map(encoded -> store.metadataPrefix() + encoded)
                .toList();
        Uni<Last> last = last(store, name, subjects.get(0));
        for (String subject : subjects.subList(1, subjects.size())) {
            last = last.chain(found -> found.visible()
                    ? Uni.createFrom().item(found)
                    : last(store, name, subject).map(next -> next.object().isPresent() ? next : found));
        }
        return last;
    }

    private Uni<Last> last(ObjectStoreName store, ObjectName name, String subject) {
        return lastAt(store, subject).map(message -> {
            Optional<ObjectInfo> any = message.flatMap(ObjectInfo::read);
            Optional<ObjectInfo> object = any.filter(found -> found.name().equals(name.value()));
            boolean another =
                    object.isEmpty() && any.filter(found -> !found.deleted()).isPresent();
            return new Last(
                    subject, another ? 0 : message.map(StoredMessage::sequence).orElse(0L), object);
        });
    }

    /** Returns whether the object was neither replaced nor deleted. */
    Uni<Boolean> present(ObjectStoreName store, ObjectInfo object) {
        return lastAt(store, object.subject()).map(now -> now.flatMap(ObjectInfo::read)
                .filter(found -> !found.deleted() && found.id().equals(object.id()))
                .isPresent());
    }

    private Uni<Optional<StoredMessage>> lastAt(ObjectStoreName store, String subject) {
        return api.lastMessage(store.stream(), subject)
                .map(Optional::of)
                .onFailure(Failure.NO_MESSAGE::matches)
                .recoverWithItem(Optional.empty())
                .onFailure(Failure.NO_STREAM::matches)
                .transform(gone -> store.missing());
    }

    private Uni<Receipt> publish(String subject, byte[] metadata, long expected) {
        Map<String, List<String>> headers = Map.of(
                NatsHeaders.ROLLUP,
                List.of("sub"),
                NatsHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE,
                List.of(Long.toString(expected)));
        return publisher.publish(new Publication(subject, headers, metadata));
    }

    private static Uni<Void> require(Condition condition, Optional<ObjectInfo> last) {
        Optional<ObjectInfo> present = last.filter(object -> !object.deleted());
        return condition
                .holds(present)
                .invoke(holds -> {
                    if (!holds) {
                        throw Failure.WRONG_REVISION.because(
                                present.isPresent()
                                        ? "There is an object, which does not meet the condition"
                                        : "There is no object");
                    }
                })
                .replaceWithVoid();
    }

    private static Throwable explained(ObjectStoreName store, Throwable failure) {
        if (Failure.NO_STREAM.matches(failure)) {
            return store.missing();
        }
        return JetStreamErrors.hasCode(failure, JetStreamErrors.STREAM_SEALED)
                ? Failure.CONFLICT.because("The object store " + store + " is sealed", JetStreamErrors.STREAM_SEALED)
                : failure;
    }

    private static SluiceException noObject(ObjectStoreName store, ObjectName name) {
        return Failure.NO_OBJECT.because("The object store " + store + " has no object " + name);
    }

    /** One write of an object. */
    private final class Put {
        private final ObjectStoreName store;
        private final ObjectName name;
        private final Map<String, List<String>> headers;
        private final Condition condition;
        private final ObjectId id = new ObjectId(NUID.nextGlobal());
        private final int chunkSize = chunkSize();
        private final Chunks chunks;
        private final long began = System.nanoTime();
        private boolean visible;

        Put(
                ObjectStoreName store,
                ObjectName name,
                Map<String, List<String>> headers,
                Condition condition,
                ContentCheck check) {
            this.store = store;
            this.name = name;
            this.headers = headers;
            this.condition = condition;
            chunks = new Chunks(publisher, id.subject(store), window, counters.written, check);
        }

        Uni<Stored> run(Multi<byte[]> body) {
            return trusted(store, name)
                    .chain(present -> require(condition, present))
                    .chain(() -> upload(body))
                    .onFailure()
                    .transform(failure -> explained(store, failure));
        }

        private Uni<Stored> upload(Multi<byte[]> body) {
            return chunks.store(body)
                    .chain(() -> {
                        ObjectInfo.Content content = chunks.content(id.value(), chunkSize);
                        return requireChunks(content)
                                .chain(() -> commit(ObjectInfo.written(store, name, headers, content), ROUNDS));
                    })
                    .invoke(stored -> counters.stored.increment())
                    .onFailure()
                    .call(this::discard)
                    .onCancellation()
                    .invoke(() -> discard(null).subscribe().with(done -> {}));
        }

        /** Fails if chunks of an upload that took so long that a sweep could have begun were removed. */
        private Uni<Void> requireChunks(ObjectInfo.Content content) {
            long took = System.nanoTime() - began;
            if (content.chunks() == 0 || took < sweepAge.dividedBy(2).toNanos()) {
                return Uni.createFrom().voidItem();
            }
            return api.messageCount(store.stream(), id.subject(store))
                    .invoke(there -> {
                        if (there != content.chunks()) {
                            throw Failure.UNAVAILABLE.because(
                                    "%d of the %d chunks are still there; send the object again"
                                            .formatted(there, content.chunks()));
                        }
                    })
                    .replaceWithVoid();
        }

        /** Removes the chunks, unless the metadata may have become visible. */
        private Uni<Void> discard(@Nullable Throwable failure) {
            counters.abandoned.increment();
            return visible
                    ? Uni.createFrom().voidItem()
                    : chunks.settled()
                            .chain(() -> chunks.mayBeStored()
                                    ? purge(store, id)
                                    : Uni.createFrom().voidItem());
        }

        private Uni<Stored> commit(byte[] metadata, int rounds) {
            return last(store, name)
                    .call(last -> require(condition, last.object()))
                    .chain(last -> {
                        visible = true;
                        return publish(last.subject(), metadata, last.sequence())
                                .onFailure(Failure.OUTCOME_UNKNOWN::matches)
                                .recoverWithUni(unknown -> inquire(unknown))
                                .onFailure(ObjectStores::certainlyNotStored)
                                .invoke(() -> visible = false)
                                .chain(receipt -> replaced(last, metadata, receipt.sequence()))
                                .onFailure(failure -> Failure.WRONG_SEQUENCE.matches(failure) && rounds > 0)
                                .recoverWithUni(() -> commit(metadata, rounds - 1));
                    });
        }

        /** Asks whether the metadata are stored. If the answer does not tell, or does not come, it stays unknown. */
        private Uni<Receipt> inquire(Throwable unknown) {
            return last(store, name).onFailure().transform(unread -> unknown).chain(last -> last.object()
                    .filter(object -> object.id().equals(id.value()))
                    .map(object -> Uni.createFrom().item(new Receipt(store.stream(), object.sequence(), false)))
                    .orElseGet(() -> Uni.createFrom().failure(unknown)));
        }

        private Uni<Stored> replaced(Last before, byte[] metadata, long sequence) {
            Optional<ObjectInfo> old = before.object().filter(object -> !object.deleted());
            ObjectInfo stored = ObjectInfo.read(before.subject(), metadata, Instant.now(), sequence)
                    .orElseThrow();
            Uni<Void> purged = old.map(object -> purgeChunks(store, object))
                    .orElseGet(() -> Uni.createFrom().voidItem());
            return purged.replaceWith(new Stored(stored, old.isEmpty()));
        }
    }

    static boolean certainlyNotStored(Throwable failure) {
        return failure instanceof SluiceException && !Failure.OUTCOME_UNKNOWN.matches(failure);
    }
}
